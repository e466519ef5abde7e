package io.leakwatch.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryEnduranceTest {
  private static final int DAY = 24 * 3600;
  private static final double NOW = 1_790_000_000;

  @TempDir Path directory;

  private static HistorySettings at(Path file) {
    return Defaults.history(file, "max-pending-samples = 200000, max-incident-bytes = 1 MiB");
  }

  /** A fifth of the node that the size is meant for; the whole takes five times as long. */
  @Test
  void holdsSixProcessesForThirtyDaysInAFifthOfItsSize() throws IOException {
    fillThirtyDays(6, 40_000_000);
  }

  @Test
  @Tag("benchmark")
  void holdsThirtyProcessesForThirtyDaysInItsSize() throws IOException {
    fillThirtyDays(30, 200_000_000);
  }

  private void fillThirtyDays(int processes, long maxBytes) throws IOException {
    Path file = directory.resolve("history.db");
    Random random = new Random(30);
    double[] levels = new double[processes];
    Arrays.setAll(levels, process -> (1 + random.nextInt(40)) * 1e9);
    try (HistoryStore store = new HistoryStore(at(file))) {
      for (int hour = 0; hour < 30 * 24; hour++) {
        List<Observation> round = new ArrayList<>();
        for (int minute = 0; minute < 60; minute++) {
          double time = NOW + hour * 3600.0 + minute * 60 + random.nextInt(20) / 1000.0;
          for (int process = 0; process < processes; process++) {
            levels[process] = Math.max(1e8, levels[process] + random.nextGaussian() * 2e7);
            round.add(new Observation("process-" + process, server(random, time, levels[process])));
          }
        }
        assertInstanceOf(
            StoreOutcome.Stored.class, store.appendAll(NOW + (hour + 1) * 3600.0, round));
      }
      StoreCounts counts = store.counts();
      assertEquals(processes * 30 * 1440, counts.storedSamples());
      assertEquals(0, counts.evictedSamples());
      long bytes = Files.size(file) + Files.size(directory.resolve("history.db-wal"));
      assertTrue(bytes <= maxBytes, () -> bytes + " bytes");
      System.out.printf(
          "history: %d bytes for %d processes x 30 days; consolidated %d of %d samples%n",
          bytes, processes, counts.consolidatedSamples(), counts.storedSamples());
      try (HistoryReader reader = store.reader()) {
        List<HistoryReader.Extent> extents = reader.processes();
        assertEquals(processes, extents.size());
        for (HistoryReader.Extent extent : extents) {
          assertEquals(NOW, extent.firstSeconds(), 300);
          assertEquals(NOW + 30 * DAY, extent.lastSeconds(), 120);
          long raw = reader.read(extent.process(), NOW + 23.1 * DAY, 1e12, sample -> {});
          assertEquals(6.9 * 1440, raw, 2);
        }
      }
    }
  }

  /** A noisy server with all figures: bytes in pages, a heap walk now and then. */
  private static Sample server(Random random, double time, double level) {
    Sample.Builder sample = Sample.at(time, "12345:678901:6c1f7b0e-6a3c-4a0c-9f0e-1c2d3e4f5a6b");
    double anonymous = pages(level);
    sample.set(Signal.RSS_ANON_BYTES, anonymous);
    sample.set(Signal.RSS_BYTES, anonymous + pages(3e7 + random.nextInt(1 << 20)));
    sample.set(Signal.SWAP_BYTES, 0);
    sample.set(Signal.BRK_HEAP_BYTES, pages(level * 0.1 + random.nextInt(1 << 20)));
    sample.set(Signal.ARENA_BYTES, pages(level * 0.8 + random.nextInt(1 << 22)));
    sample.set(Signal.MALLOC_MMAP_BYTES, pages(level * 0.05));
    sample.set(Signal.GO_HEAP_BYTES, pages(5e7 + random.nextInt(1 << 22)));
    sample.set(Signal.THREAD_STACK_BYTES, pages(3e6 + random.nextInt(1 << 14)));
    sample.set(Signal.ANONYMOUS_BYTES, pages(level * 0.02 + random.nextInt(1 << 20)));
    for (Signal signal :
        List.of(
            Signal.JEMALLOC_BYTES,
            Signal.TCMALLOC_BYTES,
            Signal.JAVA_HEAP_BYTES,
            Signal.SHARED_MEMORY_BYTES,
            Signal.HUGETLB_BYTES)) {
      sample.set(signal, 0);
    }
    if (random.nextInt(10) == 0) {
      sample.set(Signal.IN_USE_BYTES, 16 * Math.rint(level * 0.05));
      sample.set(Signal.HEAP_FREE_BYTES, 16.0 * random.nextInt(1 << 24));
      sample.set(Signal.PINNED_BYTES, 16.0 * random.nextInt(1 << 22));
      sample.set(Signal.TRIMMABLE_BYTES, pages(random.nextInt(1 << 26)));
    }
    sample.set(Signal.ARENA_COUNT, 16);
    sample.set(Signal.MAPPING_COUNT, 400 + random.nextInt(5));
    sample.set(Signal.THREAD_COUNT, 80 + random.nextInt(3));
    sample.set(Signal.LOAD, random.nextDouble() * 3);
    sample.set(Signal.PROCESS_AGE_SECONDS, Math.rint(time - NOW + 86_400));
    sample.set(Signal.CGROUP_BYTES, anonymous + pages(5e7 + random.nextInt(1 << 22)));
    sample.set(Signal.CGROUP_LIMIT_BYTES, 64e9);
    sample.set(Signal.MAPPING_LIMIT, 65_530);
    sample.set(Signal.THREAD_LIMIT, 4_915 - random.nextInt(3));
    sample.set(Signal.DESCRIPTOR_COUNT, 300 + random.nextInt(20));
    sample.set(Signal.DESCRIPTOR_LIMIT, 65_536);
    sample.set(Signal.SIBLING_DAYS, Math.min(60, Math.floor((time - NOW) / 43_200)));
    sample.set(Signal.STATED_BYTES, 8L << 30);
    return sample.set(Signal.LIMIT_BYTES, 64e9 - pages(random.nextInt(1 << 28))).build();
  }

  private static double pages(double bytes) {
    return Math.rint(bytes / 4096) * 4096;
  }

  /** Appends rounds for ever and says each one when it is stored. */
  static final class EndlessWriter {
    private EndlessWriter() {}

    public static void main(String[] arguments) {
      try (HistoryStore store = new HistoryStore(at(Path.of(arguments[0])))) {
        for (int i = Integer.parseInt(arguments[1]); true; i++) {
          List<Observation> round = new ArrayList<>();
          for (String process : List.of("mds", "etcd", "chunkserver")) {
            round.add(new Observation(process, HistoryStoreTest.sample(NOW + i, i)));
          }
          StoreOutcome outcome = store.appendAll(NOW + i, round);
          if (!outcome.equals(new StoreOutcome.Stored(3))) {
            System.out.println(outcome);
            return;
          }
          System.out.println(i);
        }
      }
    }
  }

  @Test
  void losesNothingItHadStoredWhenItIsKilledAnyTime() throws Exception {
    Path file = directory.resolve("history.db");
    Random random = new Random(9);
    int next = 0;
    for (int kill = 0; kill < 5; kill++) {
      Process writer =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx64m",
                  "-cp",
                  System.getProperty("java.class.path"),
                  EndlessWriter.class.getName(),
                  file.toString(),
                  Integer.toString(next))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      int last = -1;
      try (BufferedReader said = writer.inputReader(StandardCharsets.UTF_8)) {
        int lines = 50 + random.nextInt(400);
        for (int i = 0; i < lines; i++) {
          last = Integer.parseInt(said.readLine());
        }
      } finally {
        writer.destroyForcibly().waitFor();
      }
      try (HistoryStore store = new HistoryStore(at(file))) {
        assertEquals(new StoreOutcome.Stored(0), store.open(NOW));
        for (String process : List.of("mds", "etcd", "chunkserver")) {
          List<Sample> samples = HistoryStoreTest.read(store, process);
          assertTrue(samples.size() > last, samples.size() + " samples, last said " + last);
          for (int i = 0; i < samples.size(); i++) {
            assertEquals(i, samples.get(i).get(Signal.RSS_ANON_BYTES));
          }
          next = samples.size();
        }
      }
    }
  }

  @Test
  void goesOnWhenAFullDiskHasRoomAgain() throws Exception {
    Path disk = Files.createDirectory(directory.resolve("disk"));
    assumeTrue(run("mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk.toString()), "no root");
    try (HistoryStore store = new HistoryStore(at(disk.resolve("history.db")))) {
      int time = 0;
      for (; time < 300; time++) {
        assertEquals(new StoreOutcome.Stored(1), append(store, time));
      }
      Path filler = disk.resolve("filler");
      fill(filler);
      StoreOutcome outcome = append(store, time++);
      while (outcome instanceof StoreOutcome.Stored && time < 20_000) {
        outcome = append(store, time++);
      }
      int refused = 1;
      assertInstanceOf(StoreOutcome.Failed.class, outcome);
      for (; refused < 100; refused++) {
        assertInstanceOf(StoreOutcome.Failed.class, append(store, time++));
      }
      Files.delete(filler);
      assertEquals(new StoreOutcome.Stored(refused + 1), append(store, time++));
      assertEquals(time, HistoryStoreTest.read(store, "mds").size());
    } finally {
      assertTrue(run("umount", disk.toString()));
    }
  }

  private static StoreOutcome append(HistoryStore store, int time) {
    return store.append(NOW + time, "mds", HistoryStoreTest.sample(NOW + time, time));
  }

  private static void fill(Path filler) throws IOException {
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(new byte[512]);
      }
    } catch (IOException full) {
      assertTrue(Files.size(filler) > 0);
    }
  }

  private static boolean run(String... command) throws Exception {
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0;
  }

  @Test
  void saysHowToLoadSqliteWhereItCannotBeUnpacked() throws Exception {
    Process writer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dorg.sqlite.tmpdir=/proc/self",
                "-Djava.io.tmpdir=/proc/self",
                "-cp",
                System.getProperty("java.class.path"),
                EndlessWriter.class.getName(),
                directory.resolve("history.db").toString(),
                "0")
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (BufferedReader said = writer.inputReader(StandardCharsets.UTF_8)) {
      String line = String.valueOf(said.readLine());
      assertTrue(line.contains("SQLite's native library cannot be loaded"), line);
      assertTrue(line.contains("-Dorg.sqlite.tmpdir"), line);
    } finally {
      writer.destroyForcibly().waitFor();
    }
  }

  @Test
  void keepsAtMostTwoDamagedFiles() throws IOException {
    Path file = directory.resolve("history.db");
    for (int i = 0; i < 4; i++) {
      Files.writeString(file, "nonsense".repeat(1000));
      try (HistoryStore store = new HistoryStore(at(file))) {
        assertInstanceOf(StoreOutcome.SetAside.class, store.open(NOW + i * 3600.0));
      }
    }
    try (var files = Files.list(directory)) {
      assertEquals(2, files.filter(f -> f.toString().contains("damaged")).count());
    }
  }
}
