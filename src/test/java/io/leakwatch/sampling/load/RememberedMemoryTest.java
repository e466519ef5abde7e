package io.leakwatch.sampling.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.load.BvarSeries;
import io.leakwatch.load.MemorySeries;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.target.NodeTree;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a brpc server remembers, as samples of the process that it is. */
class RememberedMemoryTest {
  private static final double NOW = 1_790_000_000;
  private static final long AGE_SECONDS = 5 * 86_400 + 12_345;
  private static final double MIB = 1 << 20;

  @TempDir Path directory;
  private ProcessInfo info;

  @BeforeEach
  void begin() throws IOException {
    NodeTree node = new NodeTree(directory, NOW - 10 * 86_400);
    node.add(42, "mds", NOW - AGE_SECONDS, 900, 500);
    info = ((Outcome.Sampled<ProcessInfo>) node.procFs().identify(42)).value();
  }

  private static RememberedMemory memory(double bytes, double uptimeSeconds) {
    BvarSeries series = new BvarSeries();
    for (long second = 0; second < AGE_SECONDS; second++) {
      series.add(bytes);
    }
    return new RememberedMemory(
        MemorySeries.parse(series.json()).orElseThrow(), NOW, uptimeSeconds);
  }

  private static Sample live(double resident, double anonymous) {
    return Sample.at(NOW, "live")
        .set(Signal.RSS_BYTES, resident)
        .set(Signal.RSS_ANON_BYTES, anonymous)
        .build();
  }

  @Test
  void shouldBeSamplesWithTheAnonymousPart() {
    for (double uptime : new double[] {AGE_SECONDS - 2, Double.NaN}) {
      List<Sample> samples = memory(1000 * MIB, uptime).samples(info, live(1010 * MIB, 960 * MIB));
      assertEquals(5 + 24 + 60 + 60, samples.size(), 3);
      for (Sample sample : samples) {
        assertEquals(info.id().incarnation(), sample.incarnation());
        assertEquals(1000 * MIB, sample.get(Signal.RSS_BYTES));
        assertEquals(950 * MIB, sample.get(Signal.RSS_ANON_BYTES));
        assertTrue(sample.timeSeconds() <= NOW && sample.timeSeconds() >= NOW - AGE_SECONDS);
      }
    }
  }

  @Test
  void whatIsSwappedOutShouldNotMakeItNegative() {
    List<Sample> samples = memory(1, AGE_SECONDS).samples(info, live(30 * MIB, 5 * MIB));
    assertEquals(0, samples.get(0).get(Signal.RSS_ANON_BYTES));
  }

  @Test
  void nothingShouldBeSaidWhereTheKernelDoesNotTellBoth() {
    assertEquals(
        List.of(), memory(1000 * MIB, AGE_SECONDS).samples(info, live(1000 * MIB, Double.NaN)));
    assertEquals(
        List.of(), memory(1000 * MIB, AGE_SECONDS).samples(info, live(Double.NaN, 1000 * MIB)));
  }

  @Test
  void theMemoryOfAnotherProcessShouldNotCount() {
    Sample live = live(1000 * MIB, 960 * MIB);
    assertTrue(!memory(900 * MIB, AGE_SECONDS).samples(info, live).isEmpty());
    assertEquals(List.of(), memory(500 * MIB, AGE_SECONDS).samples(info, live), "of another size");
    assertEquals(List.of(), memory(1300 * MIB, AGE_SECONDS).samples(info, live));
    assertEquals(List.of(), memory(1000 * MIB, AGE_SECONDS + 86_400).samples(info, live), "older");
  }
}
