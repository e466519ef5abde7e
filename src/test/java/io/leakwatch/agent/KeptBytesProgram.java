package io.leakwatch.agent;

import io.leakwatch.config.Defaults;
import io.leakwatch.heap.CensusHistory;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapStrip;
import io.leakwatch.heap.HeapStrips;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.inspection.PacedHeapWalk;
import io.leakwatch.region.AddressSpace;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.sampling.judgement.Judgement;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Measures what the agent keeps of a process, on the objects themselves; a program of its own, so
 * that nothing else comes and goes in its heap. Prints the bytes of a judgement, of one with all
 * the figures of load that there may be, and of the walks.
 */
final class KeptBytesProgram {
  private static final int PROCESSES = 12;
  private static final int DAYS = 30;
  private static final int SAMPLES_PER_DAY = 48;
  private static final int ROUNDS = 3;
  private static final int ARENAS = 512;
  private static final int CHANGES_OF_A_KIND = 12;

  private KeptBytesProgram() {}

  public static void main(String[] arguments) {
    System.out.println(bytesEach(seed -> judged(seed, 0)));
    System.out.println(bytesEach(seed -> judged(seed, LoadSeries.PER_SAMPLE_MAX)));
    System.out.println(bytesEach(KeptBytesProgram::walked));
  }

  /**
   * All signals that there are, for as long as any part of the detector remembers, and as many
   * changes of every kind as are kept.
   */
  private static Object judged(int seed, int loadFigures) {
    Judgement judgement = new Judgement(Defaults.TREND, Defaults.SEVERITY);
    for (Change.Kind kind : Change.Kind.values()) {
      for (int i = 0; i < CHANGES_OF_A_KIND; i++) {
        String text = (seed + " replaced " + i + " ").repeat(8);
        String before = kind == Change.Kind.BUILD ? text.substring(1) : "";
        judgement.changed(new Change(i * 86_400.0, kind, text, before));
      }
    }
    Random random = new Random(seed);
    List<LoadSeries> load =
        IntStream.range(0, loadFigures)
            .mapToObj(i -> new LoadSeries("load_" + i, LoadSeries.Kind.GAUGE))
            .toList();
    for (int i = 0; i < DAYS * SAMPLES_PER_DAY; i++) {
      Sample.Builder sample =
          Sample.at(i * 86_400.0 / SAMPLES_PER_DAY, "life " + i / (9 * SAMPLES_PER_DAY));
      double level = 1e9 + 2e8 * Math.sin(2 * Math.PI * i / SAMPLES_PER_DAY);
      for (Signal signal : Signal.values()) {
        sample.set(signal, level + 1e7 * random.nextGaussian());
      }
      load.forEach(series -> sample.load(series, level / 1e6 + random.nextGaussian()));
      judgement.accept(sample.build(), List.of());
    }
    return judgement;
  }

  /** The last walk, and the censuses that it is compared with. */
  private static Object walked(int seed) {
    CensusHistory censuses = new CensusHistory(600);
    HeapReport report = report(seed);
    for (int walk = 0; walk < 4; walk++) {
      report = report(seed + walk);
      censuses.accept(walk * 600.0, report.census());
    }
    return List.of(
        censuses, OwnerReports.of(report).brief(PacedHeapWalk.ARENAS_KEPT_MAX), space(seed));
  }

  /** As many regions as are kept of a process. */
  private static AddressSpace space(int seed) {
    List<AddressSpace.Region> regions =
        IntStream.range(0, 128)
            .mapToObj(
                i ->
                    new AddressSpace.Region(
                        i, i + 1, i, i, RegionKind.FILE, i, ("lib" + seed + i).repeat(3)))
            .toList();
    return new AddressSpace(regions, true);
  }

  private static HeapStrips strips(int seed) {
    return new HeapStrips(
        IntStream.range(0, ARENAS)
            .mapToObj(
                i ->
                    new HeapStrip(
                        i, seed, HeapStrip.CELL_BYTES_MIN, "9".repeat(HeapStrip.CELLS_MAX), 7))
            .toList(),
        0);
  }

  private static HeapReport report(int seed) {
    List<HeapReport.Arena> arenas =
        IntStream.range(0, ARENAS)
            .mapToObj(
                i ->
                    new HeapReport.Arena(
                        i,
                        i,
                        new HeapTotals(1, seed, i, i, i, i, i),
                        i,
                        HeapReport.Absent.NONE,
                        i,
                        pin(seed, i)))
            .toList();
    SizeClass[] sizes =
        IntStream.range(0, Defaults.WALK.censusSizesMax())
            .mapToObj(i -> new SizeClass(i, seed, i))
            .toArray(SizeClass[]::new);
    return new HeapReport(
            new HeapReport.Walk("2.36", 1, List.of()),
            arenas,
            new HeapReport.Mmapped(0, 0, 0),
            0,
            HeapReport.census(List.of(sizes)))
        .with(strips(seed));
  }

  private static HeapReport.Pin pin(int seed, int i) {
    return new HeapReport.Pin(i, i, ("→[anon] \"aaaaaaaa\" " + seed).repeat(4), i);
  }

  /** The least of some rounds: in the first ones the machine makes things of its own as well. */
  private static long bytesEach(IntFunction<Object> make) {
    return IntStream.range(0, ROUNDS).mapToLong(round -> measure(make)).min().orElseThrow();
  }

  private static long measure(IntFunction<Object> make) {
    Object first = make.apply(0); // What all have in common is there once.
    List<Object> kept = new ArrayList<>();
    long before = usedBytes();
    for (int i = 1; i <= PROCESSES; i++) {
      kept.add(make.apply(i));
    }
    long bytes = (usedBytes() - before) / PROCESSES;
    if (kept.size() != PROCESSES || kept.contains(first)) {
      throw new IllegalStateException("what was measured is not there");
    }
    return bytes;
  }

  private static long usedBytes() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }
}
