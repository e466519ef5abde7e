package io.leakwatch.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryStoreTest {
  private static final double NOW = 1_790_000_000;

  @TempDir Path directory;

  private HistorySettings settings(long maxBytes, Duration raw, Duration retention) {
    return SmallHistory.in(directory, maxBytes, retention, raw);
  }

  private HistorySettings settings() {
    return settings(64 << 20, Duration.ofDays(7), Duration.ofDays(30));
  }

  static Sample sample(double time, double bytes) {
    return Sample.at(time, "4711:99:boot")
        .set(Signal.RSS_ANON_BYTES, bytes)
        .set(Signal.LOAD, bytes / 3e9)
        .build();
  }

  static List<Sample> read(HistoryStore store, String process) throws IOException {
    List<Sample> samples = new ArrayList<>();
    try (HistoryReader reader = store.reader()) {
      reader.read(process, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, samples::add);
    }
    return samples;
  }

  @Test
  void givesBackEverySampleInOrderAcrossPackingAndReopening() throws IOException {
    int count = 3 * SampleTable.BLOCK_SAMPLES + 7;
    for (int part = 0; part < 2; part++) {
      try (HistoryStore store = new HistoryStore(settings())) {
        for (int i = part; i < count; i += 2) {
          double time = NOW + i * 60 + 0.125;
          assertEquals(
              new StoreOutcome.Stored(1), store.append(time, "mds", sample(time, 4096.0 * i)));
        }
      }
    }
    try (HistoryStore store = new HistoryStore(settings())) {
      List<Sample> samples = read(store, "mds");
      // Written odd after even over separate blocks: a reader never goes back in time.
      for (int i = 1; i < samples.size(); i++) {
        assertTrue(samples.get(i).timeSeconds() > samples.get(i - 1).timeSeconds());
      }
      Sample last = samples.get(samples.size() - 1);
      assertEquals(NOW + (count - 1) * 60 + 0.125, last.timeSeconds());
      assertEquals("4711:99:boot", last.incarnation());
      assertEquals(4096.0 * (count - 1), last.get(Signal.RSS_ANON_BYTES));
      assertEquals(4096.0 * (count - 1) / 3e9, last.get(Signal.LOAD));
      assertTrue(Double.isNaN(last.get(Signal.SWAP_BYTES)));
    }
  }

  /** A file numbers its columns by name, so those that came later are added at the end. */
  @Test
  void goesOnWithAFileFromBeforeSomeSignalsWereThere() throws Exception {
    int count = SampleTable.BLOCK_SAMPLES + 7;
    try (HistoryStore store = new HistoryStore(settings())) {
      for (int i = 0; i < count; i++) {
        store.append(NOW + i, "mds", sample(NOW + i, 4096.0 * i));
      }
    }
    try (Connection connection = SqliteLibrary.openForWriting(settings().path().toString());
        Statement statement = connection.createStatement()) {
      for (Signal signal : EnumSet.range(Signal.PROCESS_AGE_SECONDS, Signal.STATED_BYTES)) {
        String deletion = "DELETE FROM signal WHERE name = '" + signal.column() + "'";
        assertEquals(1, statement.executeUpdate(deletion));
      }
    }
    try (HistoryStore store = new HistoryStore(settings())) {
      for (int i = count; i < 2 * count; i++) {
        Sample.Builder sample = Sample.at(NOW + i, "4711:99:boot");
        for (Signal signal : Signal.values()) {
          sample.set(signal, 1e6 * signal.ordinal() + i);
        }
        store.append(NOW + i, "mds", sample.build());
      }
    }
    try (HistoryStore store = new HistoryStore(settings())) {
      List<Sample> samples = read(store, "mds");
      assertEquals(2 * count, samples.size());
      for (int i = 0; i < count; i++) {
        assertEquals(4096.0 * i, samples.get(i).get(Signal.RSS_ANON_BYTES));
        assertTrue(Double.isNaN(samples.get(i).get(Signal.DESCRIPTOR_COUNT)));
        for (Signal signal : Signal.values()) {
          assertEquals(1e6 * signal.ordinal() + count + i, samples.get(count + i).get(signal), 0.0);
        }
      }
    }
  }

  @Test
  void readsARangeOfOneProcessWhileTheWriterGoesOn() throws IOException {
    try (HistoryStore store = new HistoryStore(settings())) {
      store.open(NOW);
      try (HistoryReader reader = store.reader()) {
        for (int i = 0; i < 1000; i++) {
          store.append(NOW + i, i % 2 == 0 ? "mds" : "etcd", sample(NOW + i, i));
        }
        List<Sample> samples = new ArrayList<>();
        assertEquals(51, reader.read("etcd", NOW + 100, NOW + 202, samples::add));
        assertEquals(101, samples.get(0).get(Signal.RSS_ANON_BYTES));
        assertEquals(
            List.of(
                new HistoryReader.Extent("etcd", NOW + 1, NOW + 999, 500),
                new HistoryReader.Extent("mds", NOW, NOW + 998, 500)),
            reader.processes());
        assertEquals(0, reader.read("unknown", 0, 1e12, samples::add));
      }
    }
  }

  @Test
  void consolidatesOldSamplesToTheirFloorAndForgetsOlderOnes() throws IOException {
    HistorySettings settings = settings(64 << 20, Duration.ofHours(8), Duration.ofHours(48));
    try (HistoryStore store = new HistoryStore(settings)) {
      int minutes = 72 * 60;
      for (int i = 0; i < minutes; i++) {
        store.append(NOW + i * 60.0, "mds", sample(NOW + i * 60.0, 1e6 + i));
      }
      List<Sample> samples = read(store, "mds");
      double age = NOW + minutes * 60.0 - samples.get(0).timeSeconds();
      assertTrue(age < 51 * 3600, () -> age / 3600 + " h");
      assertTrue(age > 45 * 3600, () -> age / 3600 + " h");
      Sample old = samples.get(samples.size() / 4);
      double window = Math.floor(old.timeSeconds() / 300) * 300;
      assertEquals(Math.ceil((window - NOW) / 60) + 1e6, old.get(Signal.RSS_ANON_BYTES));
      long raw = samples.stream().filter(s -> s.timeSeconds() > NOW + (minutes - 480) * 60).count();
      assertEquals(479, raw);
      assertTrue(store.counts().consolidatedSamples() > 40 * 60);
      assertTrue(store.counts().expiredSamples() > 0);
      assertEquals(0, store.counts().evictedSamples());
    }
  }

  @Test
  void staysBelowItsSizeByForgettingTheOldest() throws IOException {
    long maxBytes = 4 << 20;
    HistorySettings settings = settings(maxBytes, Duration.ofDays(30), Duration.ofDays(300));
    Random random = new Random(1);
    try (HistoryStore store = new HistoryStore(settings)) {
      for (int hour = 0; hour < 500; hour++) {
        List<Observation> round = new ArrayList<>();
        for (int i = 0; i < 240; i++) {
          double time = NOW + hour * 3600 + i * 15;
          Sample.Builder sample = Sample.at(time, "");
          for (Signal signal : Signal.values()) {
            sample.set(signal, (double) (random.nextLong() >>> 24));
          }
          round.add(new Observation("p" + i % 7, sample.build()));
        }
        assertInstanceOf(
            StoreOutcome.Stored.class, store.appendAll(NOW + (hour + 1) * 3600, round));
        assertTrue(bytesOnDisk() <= maxBytes, () -> "bytes " + bytesOnDisk());
      }
      assertTrue(store.counts().evictedSamples() > 0);
      List<Sample> samples = read(store, "p3");
      assertTrue(samples.get(samples.size() - 1).timeSeconds() > NOW + 499 * 3600);
    }
  }

  private long bytesOnDisk() {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(f -> !f.toString().endsWith("-shm")).mapToLong(this::size).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long size(Path file) {
    return file.toFile().length();
  }

  @Test
  void setsADamagedFileAsideAndBeginsANewOne() throws IOException {
    try (HistoryStore store = new HistoryStore(settings())) {
      for (int i = 0; i < 1000; i++) {
        store.append(NOW + i, "mds", sample(NOW + i, i));
      }
    }
    try (RandomAccessFile file =
        new RandomAccessFile(directory.resolve("history.db").toFile(), "rw")) {
      file.seek(4096);
      file.write(new byte[3 * 4096]);
    }
    try (HistoryStore store = new HistoryStore(settings())) {
      StoreOutcome.SetAside outcome =
          assertInstanceOf(StoreOutcome.SetAside.class, store.append(NOW, "mds", sample(NOW, 42)));
      assertTrue(Files.exists(outcome.setAside()));
      assertTrue(outcome.setAside().toString().endsWith("history.db.damaged-20260921T141320Z"));
      assertEquals(1, read(store, "mds").size());
    }
  }

  @Test
  void setsAFileAsideThatIsNoDatabase() throws IOException {
    Files.writeString(directory.resolve("history.db"), "not a database ".repeat(1000));
    try (HistoryStore store = new HistoryStore(settings())) {
      assertInstanceOf(StoreOutcome.SetAside.class, store.open(NOW));
      assertEquals(new StoreOutcome.Stored(1), store.append(NOW, "mds", sample(NOW, 42)));
    }
  }

  @Test
  void beginsANewFileWhenItWasRemovedUnderTheDaemon() throws IOException {
    try (HistoryStore store = new HistoryStore(settings())) {
      store.append(NOW, "mds", sample(NOW, 42));
      for (String ending : List.of("", "-wal", "-shm")) {
        Files.deleteIfExists(directory.resolve("history.db" + ending));
      }
      assertEquals(new StoreOutcome.Stored(1), store.append(NOW + 1, "mds", sample(NOW + 1, 43)));
      assertEquals(43, read(store, "mds").get(0).get(Signal.RSS_ANON_BYTES));
    }
  }

  @Test
  void keepsSamplesInMemoryWhileThereIsNoPlaceForTheFile() throws IOException {
    Path blocked = directory.resolve("blocked");
    Files.writeString(blocked, "a file where the directory should be");
    HistorySettings settings =
        Defaults.history(blocked.resolve("history.db"), "max-pending-samples = 3");
    try (HistoryStore store = new HistoryStore(settings)) {
      for (int i = 0; i < 5; i++) {
        StoreOutcome.Failed failed =
            assertInstanceOf(
                StoreOutcome.Failed.class, store.append(NOW + i, "mds", sample(NOW + i, i)));
        assertTrue(failed.why().contains("blocked"), failed.why());
      }
      Files.delete(blocked);
      assertEquals(new StoreOutcome.Stored(4), store.append(NOW + 5, "mds", sample(NOW + 5, 5)));
      assertEquals(2, store.counts().lostSamples());
      assertEquals(5, store.counts().failedWrites());
      assertEquals(2, read(store, "mds").get(0).get(Signal.RSS_ANON_BYTES));
      List<Observation> many = new ArrayList<>();
      for (int i = 6; i < 16; i++) {
        many.add(new Observation("mds", sample(NOW + i, i)));
      }
      assertEquals(new StoreOutcome.Stored(10), store.appendAll(NOW + 16, many));
      assertEquals(2, store.counts().lostSamples(), "the bound is for what waits");
    }
  }

  @Test
  void refusesToReadWhatIsNotThereWithOneLine() {
    IOException absent =
        assertThrows(IOException.class, () -> HistoryReader.open(directory.resolve("none.db")));
    assertTrue(absent.getMessage().contains("no history is recorded there"));
  }

  @Test
  void keepsTheFirstTheHeaviestAndTheLastIncidentsOfAProcess() throws IOException {
    try (HistoryStore store = new HistoryStore(settings())) {
      for (int i = 0; i < 20; i++) {
        StoredIncident incident =
            new StoredIncident("mds-" + i, "mds", NOW + i, i == 7 ? 99 : i, "{\"n\":" + i + "}");
        assertEquals(
            new StoreOutcome.Stored(0), store.record(NOW + i, incident.id(), there -> incident));
      }
      store.record(NOW, "etcd-0", there -> new StoredIncident("etcd-0", "etcd", NOW - 1, 1, "{}"));
      try (HistoryReader reader = store.reader()) {
        assertEquals(
            List.of("mds-19", "mds-18", "mds-17", "mds-7", "mds-0", "etcd-0"),
            reader.incidents().stream().map(StoredIncident::id).toList());
        assertEquals("{\"n\":7}", reader.incident("mds-7").orElseThrow().json());
        assertTrue(reader.incident("mds-5").isEmpty());
      }
    }
  }

  @Test
  void keepsNotesOverReopening() throws IOException {
    try (HistoryStore store = new HistoryStore(settings())) {
      store.note(NOW, "firing", "mds");
      store.note(NOW, "gone", "x");
      store.note(NOW, "gone", null);
    }
    try (HistoryStore store = new HistoryStore(settings());
        HistoryReader reader = store.reader()) {
      assertEquals("mds", reader.note("firing").orElseThrow());
      assertTrue(reader.note("gone").isEmpty());
    }
  }

  @Test
  void aClockThatJumpsAheadShouldNotTakeTheHistoryWithIt() throws IOException {
    double month = 31 * 86_400.0;
    double[] steady = {1000};
    try (HistoryStore store = new HistoryStore(settings(), now -> steady[0])) {
      for (int i = 0; i < 600; i++) {
        store.append(NOW + i * 60, "mds", sample(NOW + i * 60, 1e9));
        steady[0] += 60;
      }
      double end = NOW + 600 * 60;
      for (int i = 0; i < 200; i++) { // Three hours in which the clock is a month ahead.
        store.append(end + month + i * 60, "mds", sample(end + month + i * 60, 1e9));
        steady[0] += 60;
      }
      assertEquals(0, store.counts().expiredSamples());
      assertEquals(0, store.counts().consolidatedSamples());
      store.append(end + 200 * 60, "mds", sample(end + 200 * 60, 1e9));
    }
    try (HistoryStore store = new HistoryStore(settings(), now -> 5)) { // Started anew meanwhile.
      double ahead = NOW + 900 * 60 + month;
      store.append(ahead, "mds", sample(ahead, 1e9));
      assertEquals(0, store.counts().expiredSamples());
    }
  }

  @Test
  void whatIsOldShouldGoOnceTheTimeHasReallyPassed() {
    double[] steady = {0};
    try (HistoryStore store = new HistoryStore(settings(), now -> steady[0])) {
      for (int i = 0; i < 45 * 24; i++) {
        store.append(NOW + i * 3600, "mds", sample(NOW + i * 3600, 1e9));
        steady[0] += 3600;
      }
      assertTrue(store.counts().expiredSamples() > 100, () -> store.counts().toString());
    }
  }
}
