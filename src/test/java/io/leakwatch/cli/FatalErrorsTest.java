package io.leakwatch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.Tool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What an error that nobody catches does to the program, in a process of its own. */
class FatalErrorsTest {

  /** Does what its argument says, on another thread, while the main thread waits for ever. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) throws InterruptedException {
      FatalErrors.install();
      Runnable fault =
          switch (arguments[0]) {
            case "memory" -> Victim::fill;
            case "stack" -> () -> descend(0);
            case "state" ->
                () -> {
                  throw new IllegalStateException("two\nlines");
                };
            default ->
                () -> {
                  throw new NoClassDefFoundError("missing");
                };
          };
      if (arguments[1].equals("pool")) {
        new ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>())
            .execute(fault);
      } else {
        new Thread(fault, "walker").start();
      }
      Thread.currentThread().join();
    }

    private static void fill() {
      List<byte[]> all = new ArrayList<>();
      while (true) {
        all.add(new byte[1 << 10]);
      }
    }

    private static long descend(long depth) {
      return depth < 0 ? 0 : descend(depth + 1) + 1;
    }
  }

  private static Tool.Result victim(String fault, String where) {
    return Tool.run(
        "",
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx16m",
            "-Xss256k",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("java.class.path"),
            Victim.class.getName(),
            fault,
            where));
  }

  @Test
  void shouldEndTheProcessWithOneLineWhateverEndsAnyOfItsThreads() {
    for (String where : List.of("thread", "pool")) {
      Tool.Result memory = victim("memory", where);
      assertEquals(1, memory.status(), memory.output());
      assertTrue(
          memory
              .output()
              .matches(
                  "leakwatch: out of memory, exiting: a heap of 1[56](\\.\\d)? MiB is too"
                      + " small; .*\n"),
          memory.output());
      Tool.Result stack = victim("stack", where);
      assertEquals(1, stack.status(), stack.output());
      String begin = "leakwatch: exiting, thread ";
      assertTrue(
          stack.output().matches(begin + ".*StackOverflowError \\(.*descend:\\d+.*\\)\n"),
          stack.output());
      assertTrue(victim("state", where).output().matches(begin + ".*two lines \\(.*\\)\n"));
      assertTrue(victim("class", where).output().matches(begin + ".*missing \\(.*\\)\n"));
    }
  }
}
