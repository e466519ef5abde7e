package io.leakwatch.proc;

import static io.leakwatch.proc.Sampled.value;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.os.RemoteMemory;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.ProcessMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a look costs us and its target, each figure beside its yardstick in the same run:
 *
 * <pre>mvn -o test -Dtest=ReaderBenchmark -Dtest.excludedGroups=none</pre>
 */
@Tag("benchmark")
@Timeout(value = 3, unit = TimeUnit.HOURS)
final class ReaderBenchmark {
  private static final int ROUNDS = 21;
  private static final long PAUSE_NANOS = 50_000;

  private static final ReadMeter PACED =
      new ReadMeter() {
        @Override
        public void before() {}

        @Override
        public void after() {
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      };

  private interface Work {
    void run() throws IOException;
  }

  @Test
  void costOfALook() throws IOException {
    ProcFs node = ProcFs.live();
    for (String mappings : new String[] {"300", "3000", "30000"}) {
      try (CTarget target = CTarget.start("many_mappings", mappings);
          FileChannel bare = FileChannel.open(Path.of("/proc/" + target.pid() + "/smaps"))) {
        target.awaitLine("ready");
        try (ProcessReader reader = value(node.open(value(node.identify(target.pid())).id()))) {
          ByteBuffer buffer = ByteBuffer.allocateDirect(64 * 1024);
          MappingTable table = new MappingTable();
          Work floor =
              () -> {
                long position = 0;
                for (int n = 1; n > 0; position += n) {
                  n = bare.read(buffer.clear(), position);
                }
              };
          Work smaps = () -> value(reader.smaps(table, ReadMeter.UNPACED));
          Work scan = () -> value(reader.scan(table, ReadMeter.UNPACED));
          double[] micros = medians(floor, smaps, scan);
          assertTrue(table.size() > 0);
          System.out.printf(
              Locale.ROOT,
              "%s mappings: bare read %.0f us, smaps parsed %.0f us (x%.2f), scan %.0f us (x%.2f of"
                  + " smaps)%n",
              mappings,
              micros[0],
              micros[1],
              micros[1] / micros[0],
              micros[2],
              micros[2] / micros[1]);
        }
      }
    }
  }

  @Test
  void stallsOfTheTarget() throws IOException {
    for (String[] shape : new String[][] {{"3000", "262144"}, {"1", "1073741824"}}) {
      try (CTarget target = CTarget.start("stall_meter", shape)) {
        target.awaitLine("ready");
        ProcFs node = ProcFs.live();
        try (ProcessReader reader = value(node.open(value(node.identify(target.pid())).id()))) {
          MappingTable table = new MappingTable();
          System.out.printf(
              Locale.ROOT,
              "%s mappings of %s bytes, longest mmap+munmap of the target, us: undisturbed %s,"
                  + " smaps %s, smaps paced %s, scan %s, scan paced %s%n",
              shape[0],
              shape[1],
              longest(target, () -> LockSupport.parkNanos(200_000_000)),
              longest(target, () -> value(reader.smaps(table, ReadMeter.UNPACED))),
              longest(target, () -> value(reader.smaps(table, PACED))),
              longest(target, () -> value(reader.scan(table, ReadMeter.UNPACED))),
              longest(target, () -> value(reader.scan(table, PACED))));
          readSpeed(reader, table);
        }
      }
    }
  }

  private static void readSpeed(ProcessReader reader, MappingTable table) throws IOException {
    int largest = 0;
    for (int i = 0; i < table.size(); i++) {
      largest = table.lengthBytes(i) > table.lengthBytes(largest) ? i : largest;
    }
    long start = table.start(largest);
    int length = (int) Math.min(table.lengthBytes(largest), 1 << 28);
    for (int piece : new int[] {64 << 10, 1 << 20}) {
      int bytes = Math.min(piece, length);
      ByteBuffer buffer = RemoteMemory.allocate(bytes);
      ProcessMemory memory = reader.memory();
      Work pass =
          () -> {
            for (long at = start; at + bytes <= start + length; at += bytes) {
              memory.readPresent(at, buffer.clear());
            }
          };
      double micros = medians(pass)[0];
      System.out.printf(
          Locale.ROOT,
          "process_vm_readv of %d bytes at a time: %.2f GB/s%n",
          bytes,
          (length - length % bytes) / micros / 1000);
    }
  }

  /** The longest of five looks' worst stalls is what the target suffers; all five are shown. */
  private static String longest(CTarget target, Work look) throws IOException {
    String[] stalls = new String[5];
    for (int i = 0; i < stalls.length; i++) {
      target.send("");
      target.awaitLine("longest");
      look.run();
      target.send("");
      stalls[i] = target.awaitLine("longest").substring("longest ".length());
    }
    return String.join("/", stalls);
  }

  /** Median microseconds of each, run in turns so that noise falls on all alike. */
  private static double[] medians(Work... works) throws IOException {
    double[][] micros = new double[works.length][ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
      for (Work work : works) {
        work.run(); // The compiler of the JVM has its say first.
      }
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (int w = 0; w < works.length; w++) {
        long before = System.nanoTime();
        works[w].run();
        micros[w][round] = (System.nanoTime() - before) / 1e3;
      }
    }
    return Arrays.stream(micros)
        .mapToDouble(series -> Arrays.stream(series).sorted().toArray()[ROUNDS / 2])
        .toArray();
  }
}
