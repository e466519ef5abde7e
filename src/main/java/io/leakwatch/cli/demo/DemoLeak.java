package io.leakwatch.cli.demo;

import io.leakwatch.os.LibcHeap;
import io.leakwatch.time.SystemTime;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The patient of {@code demo}: a program whose worker threads leak through libc's malloc, each in
 * an arena of its own. It ends when its standard input ends, so that it cannot outlive the demo.
 */
final class DemoLeak {
  private static final int BLOCK_BYTES = 1000;
  private static final long PAUSE_NANOS = 20_000_000;

  private DemoLeak() {}

  /**
   * Runs until standard input ends or the bound is reached.
   *
   * @param arguments bytes per second in all, number of threads, most bytes in all
   */
  public static void main(String[] arguments) throws Exception {
    long bytesPerSecond = Long.parseLong(arguments[0]);
    int threads = Integer.parseInt(arguments[1]);
    long mostBytes = Long.parseLong(arguments[2]);
    for (int i = 0; i < threads; i++) {
      int worker = i;
      Thread thread =
          new Thread(
              () -> leakSteadily(worker, bytesPerSecond / threads, mostBytes / threads),
              "worker-" + i);
      thread.setDaemon(true);
      thread.start();
    }
    System.in.readAllBytes();
  }

  private static void leakSteadily(int worker, long bytesPerSecond, long mostBytes) {
    long leaked = 0;
    long begin = SystemTime.TIME.nanos();
    for (int session = 0; leaked < mostBytes; SystemTime.TIME.pause(PAUSE_NANOS)) {
      long due = (long) ((SystemTime.TIME.nanos() - begin) / 1e9 * bytesPerSecond);
      for (; leaked < Math.min(due, mostBytes); leaked += BLOCK_BYTES) {
        String label = String.format(Locale.ROOT, "session/%d/%08d", worker, session++);
        LibcHeap.leak(BLOCK_BYTES, label.getBytes(StandardCharsets.US_ASCII));
      }
    }
  }
}
