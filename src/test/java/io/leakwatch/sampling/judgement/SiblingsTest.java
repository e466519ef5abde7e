package io.leakwatch.sampling.judgement;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Configuration;
import io.leakwatch.gateway.DirectOutbound;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.history.StoreOutcome;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.ObservedChange;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.sampling.Sampler;
import io.leakwatch.sampling.SamplingLoop;
import io.leakwatch.sampling.Surroundings;
import io.leakwatch.target.NodeTree;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The days of other processes of one build. */
@Tag("acceptance")
class SiblingsTest {
  private static final double DAY = 86_400;
  private static final String HEAP = "1000-2000 rw-p 00000000 00:00 0 [heap]";

  private static Siblings.Sibling sibling(String build, double days, VerdictKind kind) {
    return new Siblings.Sibling(build, days * DAY, kind);
  }

  private static Siblings siblings(Siblings.Sibling... all) {
    return new Siblings(List.of(all));
  }

  @Test
  void daysOfOneBuildShouldAddUpToSixty() {
    Siblings others =
        siblings(
            sibling("a", 3.7, VerdictKind.STEADY),
            sibling("b", 9, VerdictKind.STEADY),
            sibling("a", 0.6, VerdictKind.UNKNOWN),
            sibling("a", Double.NaN, VerdictKind.STEADY));
    assertEquals(4, others.days("a", null));
    assertEquals(9, others.days("b", null));
    assertEquals(60, siblings(sibling("a", 1e6, VerdictKind.CYCLIC)).days("a", null));
  }

  @Test
  void whereNoSiblingIsKnownThereShouldBeNoFigure() {
    assertTrue(Double.isNaN(siblings().days("a", null)));
    assertTrue(Double.isNaN(siblings(sibling("b", 9, VerdictKind.STEADY)).days("a", null)));
    assertTrue(Double.isNaN(siblings(sibling("", 9, VerdictKind.STEADY)).days("", null)));
  }

  @Test
  void itsOwnDaysShouldNotCount() {
    Siblings.Sibling own = sibling("a", 3.7, VerdictKind.STEADY);
    assertEquals(2, siblings(own, sibling("a", 2.1, VerdictKind.STEADY)).days("a", own));
    assertTrue(Double.isNaN(siblings(own).days("a", own)));
    Siblings.Sibling leaks = sibling("a", 3.7, VerdictKind.LEAK);
    assertEquals(2, siblings(leaks, sibling("a", 2.1, VerdictKind.STEADY)).days("a", leaks));
  }

  @ParameterizedTest
  @EnumSource(VerdictKind.class)
  void whatGrowsShouldBeNoSibling(VerdictKind kind) {
    boolean grows = kind.isAlarming() || kind == VerdictKind.LOAD;
    assertEquals(grows, Double.isNaN(siblings(sibling("a", 9, kind)).days("a", null)));
  }

  /** Days old, on a node whose processes began when the test says. */
  @Test
  void theSamplerShouldAddUpTheAgesOfTheOthers(@TempDir Path directory) throws Exception {
    double now = System.currentTimeMillis() / 1000;
    Path proc = Files.createDirectory(directory.resolve("proc"));
    NodeTree node = new NodeTree(proc, now - 100 * DAY);
    Files.writeString(proc.resolve("uptime"), 100 * DAY + " 1.00\n");
    Path program = CTarget.compile("many_mappings").toAbsolutePath();
    for (int pid = 41; pid <= 43; pid++) {
      double days = pid == 41 ? 12.5 : pid == 42 ? 5.2 : 3.4;
      node.add(pid, "mds", now - days * DAY, 900, 500);
      Files.writeString(proc.resolve(pid + "/maps"), HEAP + "\n");
      Files.writeString(proc.resolve(pid + "/smaps"), HEAP + "\nRss: 4 kB\nAnonymous: 4 kB\n");
      Files.createSymbolicLink(proc.resolve(pid + "/exe"), program);
    }
    Path file =
        Files.writeString(
            directory.resolve("leakwatch.conf"),
            "leakwatch { sampling { tick = 250ms, interval = 500ms },"
                + " targets = [{ name = mds, program = many_mappings }], history.path = \""
                + directory.resolve("history.db")
                + "\" }");
    Map<String, Double> told = new TreeMap<>();
    SamplingLoop.Keeper keeper =
        new SamplingLoop.Keeper() {
          @Override
          public StoreOutcome keep(
              double seconds, List<Observation> samples, List<ObservedChange> changes) {
            samples.forEach(one -> told.put(one.process(), one.sample().get(Signal.SIBLING_DAYS)));
            return new StoreOutcome.Stored(samples.size());
          }

          @Override
          public StoreOutcome keepEarlier(double seconds, SamplingLoop.EarlierPast past) {
            return new StoreOutcome.Stored(0);
          }
        };
    Configuration configuration = Configuration.load(file);
    try (Sampler sampler =
        new Sampler(
            configuration,
            Surroundings.live(configuration, node.procFs(), new DirectOutbound(proc)),
            keeper,
            false)) {
      Map<String, Double> expected = Map.of("mds", 8.0, "mds-2", 15.0, "mds-3", 17.0);
      for (int i = 0; i < 300 && !told.equals(expected); i++) {
        sampler.round(now + i, views -> {});
        LockSupport.parkNanos(Duration.ofMillis(100).toNanos());
      }
      assertEquals(expected, told);
    }
  }

  /** Two of one executable, one of another, and what one of them says that it will fill. */
  @Test
  @Timeout(240)
  void samplesOfTheAgentShouldTellOfSiblingsAndOfTheStatedSize(@TempDir Path directory)
      throws IOException {
    Path file =
        AgentProcess.fastConfiguration(
            directory,
            "targets = [{ name = twin, program = resource_user },"
                + " { name = other, program = many_mappings }]");
    try (CTarget first = CTarget.start("resource_user");
        CTarget second = CTarget.start("resource_user", "--cache-size=3m");
        CTarget other = CTarget.start("many_mappings", "10");
        AgentProcess agent = AgentProcess.run(file)) {
      first.awaitLine("ready");
      second.awaitLine("ready");
      other.awaitLine("ready");
      agent.await(
          "three processes",
          seen -> seen.mentions("twin") && seen.mentions("twin-2") && seen.mentions("other"));
      agent.awaitRounds(5);
      agent.signal("TERM");
      assertEquals(0, agent.awaitEnd());
    }
    Sample twin = newest(directory, "twin");
    assertEquals(0, twin.get(Signal.SIBLING_DAYS), "whole days that the other has lived");
    assertFalse(twin.has(Signal.STATED_BYTES));
    Sample stating = newest(directory, "twin-2");
    assertEquals(0, stating.get(Signal.SIBLING_DAYS));
    assertEquals(3 << 20, stating.get(Signal.STATED_BYTES));
    assertFalse(newest(directory, "other").has(Signal.SIBLING_DAYS), "none of its build");
  }

  private static Sample newest(Path directory, String process) throws IOException {
    List<Sample> samples = new ArrayList<>();
    try (HistoryReader reader = HistoryReader.open(directory.resolve("history.db"))) {
      reader.read(process, 0, Double.POSITIVE_INFINITY, samples::add);
    }
    return samples.get(samples.size() - 1);
  }
}
