package io.leakwatch.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Samples that come into the history after those that are later. */
class EarlierSamplesTest {
  private static final double NOW = 1_790_000_000;
  private static final double DAY = 86_400;

  @TempDir Path directory;

  private HistorySettings settings(long maxBytes) {
    return SmallHistory.in(directory, maxBytes);
  }

  private HistorySettings settings() {
    return settings(64 << 20);
  }

  private static Sample sample(double time, double bytes) {
    return Sample.at(time, "boot/1/1").set(Signal.RSS_ANON_BYTES, bytes).build();
  }

  private static List<Sample> stretch(double from, double until, double step, double bytes) {
    List<Sample> samples = new ArrayList<>();
    for (double time = from; time < until; time += step) {
      samples.add(sample(time, bytes));
    }
    return samples;
  }

  private static List<Double> times(List<Sample> samples) {
    return samples.stream().map(Sample::timeSeconds).toList();
  }

  private List<Sample> read(String process) throws IOException {
    List<Sample> samples = new ArrayList<>();
    try (HistoryReader reader = HistoryReader.open(settings().path())) {
      reader.read(process, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, samples::add);
    }
    return samples;
  }

  private long write(HistorySettings settings, String process, Iterable<Sample> samples)
      throws IOException {
    try (HistoryImport history = HistoryImport.open(settings)) {
      return history.write(process, samples, NOW);
    }
  }

  @Test
  void anImportShouldTakeTheTimeBeforeTheFirstSampleAndNoOther() throws IOException {
    try (HistoryStore store = new HistoryStore(settings())) {
      stretch(NOW - 600, NOW, 60, 7).forEach(one -> store.append(NOW, "mds", one));
      assertEquals(140, write(settings(), "mds", stretch(NOW - 9_000, NOW, 60, 5)));
      List<Sample> all = read("mds");
      assertEquals(times(stretch(NOW - 9_000, NOW, 60, 0)), times(all));
      assertEquals(5, all.get(139).get(Signal.RSS_ANON_BYTES));
      assertEquals(7, all.get(140).get(Signal.RSS_ANON_BYTES));

      assertEquals(0, write(settings(), "mds", stretch(NOW - 9_000, NOW, 60, 9)), "again");
      assertEquals(10, write(settings(), "mds", stretch(NOW - 9_600, NOW, 60, 9)), "further back");
      assertEquals(160, read("mds").size());
      assertEquals(3, write(settings(), "etcd", stretch(NOW - 120, NOW + 600, 60, 1)), "not later");
    }
  }

  @Test
  void oldSamplesShouldBeKeptAsTheRetentionWouldKeepThem() throws IOException {
    List<Sample> month = new ArrayList<>();
    for (int i = 0; i < 30 * 1440; i++) {
      month.add(sample(NOW - 30 * DAY + i * 60.0, 1e6 + i));
    }
    long stored = write(settings(), "mds", month);
    assertEquals(7 * 1440 + 23 * 288, stored, 2);
    List<Sample> kept = read("mds");
    assertEquals(stored, kept.size());
    assertEquals(1e6, kept.get(0).get(Signal.RSS_ANON_BYTES), "the floor of the window");
    // What the retention does with them afterwards is nothing.
    try (HistoryStore store = new HistoryStore(settings())) {
      for (int i = 0; i < 100; i++) {
        store.append(NOW + i, "mds", sample(NOW + i, 1));
      }
      assertEquals(0, store.counts().expiredSamples() + store.counts().evictedSamples());
      assertTrue(store.counts().consolidatedSamples() < 200);
      assertEquals(stored + 100, read("mds").size(), 2);
    }
  }

  /** However the samples before and after lie in the file, as rows or in blocks that span it. */
  @ParameterizedTest
  @ValueSource(ints = {1, 50, 119, 120, 121, 400})
  void aHoleShouldBeFilledBetweenWhatIsKept(int before) throws IOException {
    double hole = NOW - 4 * 3600;
    for (int after : new int[] {1, 60, 119, 300}) {
      String process = "p" + before + "-" + after;
      try (HistoryStore store = new HistoryStore(settings())) {
        List<Sample> kept = stretch(hole - 60.0 * before, hole, 60, 1);
        double first = hole + 3 * 3600;
        kept.addAll(stretch(first, first + 10.0 * after, 10, 3));
        kept.forEach(one -> store.append(one.timeSeconds(), process, one));
        List<Sample> earlier = stretch(hole - 5000, first + 5000, 60.5, 2);
        StoreOutcome outcome = store.putEarlier(NOW, process, earlier, first, 600);
        double last = kept.get(before - 1).timeSeconds();
        List<Sample> expected = new ArrayList<>(kept);
        earlier.stream()
            .filter(one -> one.timeSeconds() > last && one.timeSeconds() < first)
            .forEach(expected::add);
        expected.sort(Comparator.comparingDouble(Sample::timeSeconds));
        assertEquals(new StoreOutcome.Stored(expected.size() - kept.size()), outcome);
        assertEquals(times(expected), times(read(process)));

        assertEquals(
            new StoreOutcome.Stored(0), store.putEarlier(NOW, process, earlier, first, 600));
        for (int i = 0; i < 200; i++) { // And it goes on.
          double time = first + 10.0 * after + i;
          store.append(time, process, sample(time, 4));
        }
        assertEquals(expected.size() + 200, read(process).size());
      }
    }
  }

  @Test
  void aShortPauseShouldStayOne() throws IOException {
    try (HistoryStore store = new HistoryStore(settings())) {
      store.append(NOW, "mds", sample(NOW - 700, 1));
      store.append(NOW, "mds", sample(NOW - 200, 1));
      List<Sample> earlier = stretch(NOW - 2000, NOW, 60, 2);
      assertEquals(
          new StoreOutcome.Stored(0), store.putEarlier(NOW, "mds", earlier, NOW - 200, 600));
      assertEquals(2, read("mds").size());
    }
  }

  @Test
  void whatFindsNoRoomShouldPushNothingOut() throws IOException {
    HistorySettings small = settings(1 << 20);
    Random random = new Random(1);
    List<Sample> noise = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      Sample.Builder sample = Sample.at(NOW - 6 * DAY + i * 50, "");
      for (Signal signal : Signal.values()) {
        sample.set(signal, (double) (random.nextLong() >>> 24));
      }
      noise.add(sample.build());
    }
    try (HistoryStore store = new HistoryStore(small)) {
      stretch(NOW - 600, NOW, 60, 7).forEach(one -> store.append(NOW, "etcd", one));
      IOException refused = assertThrows(IOException.class, () -> write(small, "mds", noise));
      assertTrue(refused.getMessage().contains("raise history.max-bytes"), refused::getMessage);
      assertEquals(10, read("etcd").size());
      assertEquals(0, read("mds").size());
      store.append(NOW, "etcd", sample(NOW, 7));
      assertEquals(0, store.counts().failedWrites() + store.counts().evictedSamples());
    }
  }

  /** The daemon has the file open all the while, and each is the first with a column. */
  @Test
  void anImportShouldDoNoHarmToADaemonThatGoesOn() throws IOException {
    try (HistoryStore store = new HistoryStore(settings())) {
      store.append(NOW - 50, "etcd", sample(NOW - 50, 1));
      for (int i = 0; i < 40; i++) {
        double time = NOW - 40 + i;
        LoadSeries theirs = new LoadSeries("theirs" + i, LoadSeries.Kind.GAUGE);
        LoadSeries ours = new LoadSeries("ours" + i, LoadSeries.Kind.GAUGE);
        List<Sample> imported =
            stretch(NOW - 900, NOW - 600, 60, 5).stream()
                .map(one -> one.with("").load(theirs, 4).load(ours, 6).build())
                .toList();
        assertEquals(5, write(settings(), "imported" + i, imported));
        Sample live = sample(time, 2).with("x").load(ours, 3).load(theirs, 8).build();
        assertEquals(new StoreOutcome.Stored(1), store.append(time, "imported" + i, live));
        List<Sample> all = read("imported" + i);
        assertEquals(6, all.get(0).load().get(ours));
        assertEquals(4, all.get(0).load().get(theirs));
        assertEquals(3, all.get(5).load().get(ours));
        assertEquals(8, all.get(5).load().get(theirs));
      }
      assertEquals(0, store.counts().failedWrites());
    }
  }

  @Test
  void aDamagedFileShouldBeLeftToTheDaemon() throws IOException {
    Files.writeString(settings().path(), "this is no database at all".repeat(100));
    IOException refused =
        assertThrows(IOException.class, () -> write(settings(), "mds", List.of(sample(NOW, 1))));
    assertTrue(refused.getMessage().contains("start the daemon"), refused::getMessage);
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(1, files.filter(file -> !file.toString().matches(".*-(wal|shm)")).count());
    }
  }

  @Test
  void nothingToStoreShouldLeaveNoTrace() throws IOException {
    assertEquals(0, write(settings(), "mds", List.of()));
    try (HistoryReader reader = HistoryReader.open(settings().path())) {
      assertEquals(List.of(), reader.processes());
    }
  }

  @Test
  void packedSamplesShouldComeBackInOrderAndBeBounded() {
    PackedSamples packed = new PackedSamples(settings(), NOW);
    List<Sample> week = stretch(NOW - 6 * DAY, NOW, 60, 5);
    week.forEach(one -> assertTrue(packed.add(one)));
    assertFalse(packed.add(week.get(3)));
    packed.complete();
    List<Sample> back = new ArrayList<>();
    packed.forEach(back::add);
    assertEquals(times(week), times(back));
    assertEquals(week.size(), packed.size());

    PackedSamples dense = new PackedSamples(settings(), NOW);
    assertThrows(
        PackedSamples.TooMany.class, () -> stretch(NOW - 6 * DAY, NOW, 1, 5).forEach(dense::add));
    PackedSamples old = new PackedSamples(settings(), NOW);
    stretch(NOW - 30 * DAY, NOW - 10 * DAY, 5, 5).forEach(old::add);
    assertEquals(20 * 288, old.complete().size(), 1);
  }
}
