package io.leakwatch.cli.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.ConfigurationProblem;
import io.leakwatch.config.Defaults;
import io.leakwatch.history.HistoryImport;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.sampling.judgement.InstanceJudgement;
import io.leakwatch.sampling.judgement.Judgements;
import io.leakwatch.target.NodeTree;
import io.leakwatch.time.SystemThreads;
import io.leakwatch.verdict.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whose the imported samples are, on a node whose processes began when the test says. */
class ContinuationTest {
  private static final double NOW = 1_790_000_000;
  private static final double DAY = 86_400;
  private static final double BOOT = NOW - 40 * DAY;
  private static final double GB = 1e9;

  @TempDir Path directory;
  private NodeTree node;
  private Configuration configuration;

  @BeforeEach
  void begin() throws IOException, ConfigurationProblem {
    node = new NodeTree(Files.createDirectory(directory.resolve("proc")), BOOT);
    Path file =
        Files.writeString(
            directory.resolve("leakwatch.conf"),
            "leakwatch { targets = [{ name = mds, program = mds }], history.path = \""
                + directory.resolve("history.db")
                + "\" }");
    configuration = Configuration.load(file);
  }

  private Continuation of(String name) throws IOException {
    return Continuation.of(name, configuration, node.procFs());
  }

  private void record(Sample... samples) {
    try (HistoryStore store = new HistoryStore(configuration.history())) {
      for (Sample sample : samples) {
        store.append(sample.timeSeconds(), "mds", sample);
      }
    }
  }

  private ImportedSamples imported(String csv) throws IOException {
    ImportedSamples samples = new ImportedSamples("mds", configuration.history(), of("mds"), NOW);
    samples.readFiles(
        List.of(Files.writeString(directory.resolve("x.csv"), csv)),
        problem -> {
          throw new AssertionError(problem);
        });
    return samples;
  }

  private void write(ImportedSamples samples) throws IOException {
    try (HistoryImport history = HistoryImport.open(configuration.history())) {
      history.write("mds", samples.complete(), NOW);
    }
  }

  /** How many samples each incarnation has, in the order of their first. */
  private Map<String, Integer> incarnations() throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    for (Sample sample : read()) {
      counts.merge(sample.incarnation(), 1, Integer::sum);
    }
    return counts;
  }

  private List<Sample> read() throws IOException {
    List<Sample> samples = new ArrayList<>();
    try (HistoryReader reader = HistoryReader.open(configuration.history().path())) {
      reader.read("mds", 0, NOW + DAY, samples::add);
    }
    return samples;
  }

  private static String hourly(double fromDays, double toDays) {
    StringBuilder csv = new StringBuilder("time,rss_anon_bytes\n");
    for (double day = fromDays; day < toDays; day += 1.0 / 24) {
      csv.append(Math.round(NOW + day * DAY)).append(",4096\n");
    }
    return csv.toString();
  }

  @Test
  void whatCameSinceTheStartOfTheRunningProcessShouldBeIts() throws IOException {
    node.add(42, "mds", NOW - 10 * DAY, 900, 500);
    Continuation running = of("mds");
    assertEquals(BOOT_ID + "/42/" + Math.round(30 * DAY * 100), running.incarnation());
    assertEquals(NOW - 10 * DAY, running.startSeconds(), 1);
    assertEquals(900 << 10, running.residentBytes());
    assertEquals(500 << 10, running.anonymousBytes());
    assertTrue(Double.isInfinite(running.beforeSeconds()));

    ImportedSamples samples = imported(hourly(-20, -1));
    write(samples);
    // The hour of the start itself may still be of the one before.
    assertEquals(Map.of("", 10 * 24 + 1, running.incarnation(), 9 * 24 - 1), incarnations());
    assertEquals(List.of(), samples.doubts());
    List<String> report = samples.report(9, false);
    assertTrue(
        report.get(1).endsWith("2 incarnations, the last of which runs now"), report::toString);
  }

  private static final String BOOT_ID = NodeTree.BOOT;

  @Test
  void aProcessThatBeganAfterwardsShouldHaveNoPartInIt() throws IOException {
    node.add(42, "mds", NOW - DAY / 2, 900, 500);
    ImportedSamples samples = imported(hourly(-20, -1));
    write(samples);
    assertEquals(Map.of("", 19 * 24), incarnations());
    assertTrue(samples.report(1, false).get(1).contains("ended before the recorded samples begin"));
  }

  @Test
  void theFirstRecordedSampleShouldGoBeforeWhatRunsNow() throws IOException {
    String recorded = BOOT_ID + "/41/" + Math.round(30 * DAY * 100) + "/abc";
    record(
        Sample.at(NOW - 3 * DAY, recorded)
            .set(Signal.RSS_BYTES, 3 * GB)
            .set(Signal.RSS_ANON_BYTES, 2 * GB)
            .build());
    node.add(42, "mds", NOW - DAY, 900, 500); // Restarted since.
    Continuation first = of("mds");
    assertEquals(NOW - 3 * DAY, first.beforeSeconds());
    assertEquals(NOW - 10 * DAY, first.startSeconds(), 1);
    assertEquals(2 * GB, first.anonymousBytes());
    ImportedSamples samples = imported(hourly(-20, 0));
    write(samples);
    assertEquals(Map.of("", 10 * 24 + 1, recorded, 7 * 24), incarnations());
    assertTrue(
        samples.report(1, false).get(2).contains("72 not earlier than the first recorded sample"),
        samples.report(1, false)::toString);

    record(Sample.at(NOW - 21 * DAY, "other-boot/7/7").set(Signal.RSS_BYTES, 1).build());
    assertTrue(Double.isNaN(of("mds").startSeconds()), "of another boot");
  }

  @Test
  void severalOfOneNameShouldBeToldApartAsTheDaemonDoes() throws IOException {
    node.add(42, "mds", NOW - DAY, 900, 500);
    node.add(43, "mds", NOW - 2 * DAY, 900, 500);
    assertTrue(of("mds").incarnation().startsWith(BOOT_ID + "/43/"), "the older");
    assertTrue(of("mds-2").incarnation().startsWith(BOOT_ID + "/42/"));
    assertEquals("", of("mds-3").incarnation());
    record(Sample.at(NOW, of("mds-2").incarnation()).set(Signal.RSS_BYTES, 1).build());
    assertTrue(of("mds").incarnation().startsWith(BOOT_ID + "/42/"), "it has the history");
    assertTrue(of("mds-2").incarnation().startsWith(BOOT_ID + "/43/"));
  }

  @Test
  void startsShouldTellIncarnationsApart() throws IOException {
    node.add(42, "mds", NOW - DAY, 900, 500);
    ImportedIncarnations lives = new ImportedIncarnations(of("mds"));
    double[][] seen = {
      // Time, start as the source says it, both in days from now.
      {-9, -10}, {-8, -10.0002}, {-7, Double.NaN}, {-5, -6}, {-4, -6}, {-0.5, -1.0003}, {-0.4, -1}
    };
    List<String> incarnations = new ArrayList<>();
    for (double[] one : seen) {
      Sample sample = Sample.at(NOW + one[0] * DAY, "").set(Signal.RSS_ANON_BYTES, 1).build();
      incarnations.add(lives.accept(sample, NOW + one[1] * DAY).incarnation());
    }
    String first = "start/" + Math.round(NOW - 10 * DAY);
    String second = "start/" + Math.round(NOW - 6 * DAY);
    String live = of("mds").incarnation();
    assertEquals(List.of(first, first, first, second, second, live, live), incarnations);
    assertTrue(lives.reachesWhatFollows());
    assertEquals(3, lives.count());
    Sample given = Sample.at(NOW - 60, "theirs").set(Signal.RSS_ANON_BYTES, 1).build();
    assertEquals("theirs", lives.accept(given, Double.NaN).incarnation());
  }

  @Test
  void anOlderImportShouldGoOnFromANotedStart() throws IOException {
    double start = NOW - 20 * DAY;
    record(
        Sample.at(NOW - 3 * DAY, Continuation.former(start)).set(Signal.RSS_ANON_BYTES, 1).build());
    assertEquals(start, of("mds").startSeconds());
    write(imported(hourly(-10, -3)));
    assertEquals(Map.of(Continuation.former(start), 7 * 24 + 1), incarnations());
  }

  @Test
  void residentMemoryShouldNotStepIntoAnonymous() throws IOException {
    node.add(42, "mds", NOW - 10 * DAY, 900, 500);
    write(
        imported(
            "time,rss_bytes,rss_anon_bytes\n"
                + Math.round(NOW - 3600)
                + ",819200,\n"
                + Math.round(NOW - 1800)
                + ",819200,7\n"
                + Math.round(NOW - 60)
                + ",4096,\n"));
    List<Sample> samples = read();
    assertEquals(819_200, samples.get(0).get(Signal.RSS_BYTES));
    assertEquals(819_200 - (400 << 10), samples.get(0).get(Signal.RSS_ANON_BYTES));
    assertEquals(7, samples.get(1).get(Signal.RSS_ANON_BYTES), "known");
    assertEquals(0, samples.get(2).get(Signal.RSS_ANON_BYTES));
  }

  @Test
  void whatIsDoubtfulShouldBeSaid() throws IOException {
    ImportedSamples nobody = imported("time,rss_bytes\n" + Math.round(NOW - 60) + ",4096\n");
    assertEquals(2, nobody.doubts().size());
    assertTrue(nobody.doubts().get(0).contains("no process is named mds now"));
    assertTrue(nobody.doubts().get(1).contains("level steps"));

    node.add(42, "mds", NOW - DAY, 900, 500);
    ImportedSamples kilobytes = imported("time,rss_anon_bytes\n" + Math.round(NOW - 60) + ",500\n");
    assertTrue(kilobytes.doubts().get(0).contains("are these bytes"), kilobytes.doubts()::toString);
    assertEquals(
        List.of(), imported("time,rss_anon_bytes\n" + Math.round(NOW - 60) + ",600000\n").doubts());
  }

  /** The whole way: what was imported is what the daemon judges by when it comes. */
  @Test
  void theDaemonShouldKnowALeakFromTheImportedPast() throws IOException, InterruptedException {
    node.add(42, "mds", NOW - 25 * DAY, 6_000_000, 5_900_000);
    Random random = new Random(3);
    StringBuilder csv = new StringBuilder("time,rss_bytes\n");
    for (double time = NOW - 24 * DAY; time < NOW; time += 300) {
      double leaked = 0.6 * GB * Math.max(0, (time - NOW) / DAY + 4);
      csv.append((long) time)
          .append(',')
          .append((long) (3.7 * GB + leaked + 1e7 * random.nextGaussian()))
          .append('\n');
    }
    write(imported(csv.toString()));
    try (Judgements judgements =
        new Judgements(
            configuration.history(),
            Defaults.TREND,
            configuration.severity(),
            2,
            name -> Optional.empty(),
            SystemThreads.WORKERS)) {
      InstanceJudgement instance = judgements.take("mds", NOW);
      Sample live =
          Sample.at(NOW, of("mds").incarnation())
              .set(Signal.RSS_ANON_BYTES, 5_900_000 * 1024.0)
              .build();
      instance.judge(live, List.of());
      long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
      while (!instance.isKnown() && System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      Verdict verdict = instance.now().verdict();
      assertNotNull(verdict);
      assertTrue(verdict.kind().isAlarming(), verdict::toString);
      assertEquals(0.6 * GB, verdict.growth().bytesPerSecond() * DAY, 0.1 * GB);
    }
  }
}
