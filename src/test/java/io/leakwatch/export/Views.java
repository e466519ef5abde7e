package io.leakwatch.export;

import io.leakwatch.alert.Severity;
import io.leakwatch.heap.CensusHistory;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.region.AddressSpace;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Signal;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** Processes as the daemon would see them, made by hand. */
public final class Views {
  public static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");
  private static final long MIB = 1 << 20;

  private Views() {}

  /** Incident A: a metadata server that leaks 3 GB a day through its arenas. */
  public static ProcessView leaking(String name, Severity severity, VerdictKind kind) {
    return process(name, severity, kind, "/usr/bin/curve-mds");
  }

  public static ProcessView process(String name, Severity severity, VerdictKind kind, String exe) {
    double rate = kind == VerdictKind.STEADY ? 0 : 34_722;
    Verdict verdict =
        new Verdict(
            kind,
            0.93,
            List.of("in use grows without bound: +2.9 GiB/day for 2 days", "the load is flat"),
            new Verdict.Growth(
                rate,
                rate / 100,
                new TreeMap<>(
                    Map.of(Signal.ARENA_BYTES, rate * 0.97, Signal.BRK_HEAP_BYTES, rate * 0.03)),
                kind == VerdictKind.STEADY ? Double.NaN : NOON.getEpochSecond() - 172_800,
                4),
            new Verdict.Forecast(
                Double.NaN,
                List.of(
                    new Verdict.Exhaustion(
                        "memory.max of /system.slice/curve.service",
                        64e9,
                        rate == 0 ? Double.POSITIVE_INFINITY : 90_000))),
            List.of(
                new Verdict.Load("iobuf_block_memory", false, 0.02, 1.0),
                new Verdict.Load("rpc_server_*_count", true, 0.99, 272)));
    boolean alarming = severity != Severity.NONE;
    return new ProcessView(
        new ProcessView.Identity(
            name,
            4711,
            new ProcessView.Place("0c7f6d4a31be", 7),
            exe,
            "5f3c2a9d00112233445566778899aabbccddeeff",
            NOON.minusSeconds(864_000),
            exe + " -confPath=/etc/curve/mds.conf -mdsAddr=10.0.0.1:6666"),
        new ProcessView.Reading(
            true,
            "",
            NOON,
            List.of(
                new ProcessView.ReadCost("statm", 8_640, 0.0123, 0.0004),
                new ProcessView.ReadCost("smaps", 12, 1.25, 0.19)),
            Map.of("vanished", 1L, "denied", 0L)),
        new ProcessView.Memory(
            4_400 * MIB,
            4_300 * MIB,
            12 * MIB,
            0,
            layout(),
            AddressSpace.UNKNOWN,
            recent(i -> 4e9 + i * rate * 60 + (i * 7919 % 13) * 1e5)),
        heaps(heap()),
        new ProcessView.Assessment(
            verdict,
            severity,
            alarming ? NOON.minusSeconds(7_200) : null,
            alarming ? verdict : null,
            12),
        new ProcessView.Work(
            0.25,
            new LoadView(
                "http://127.0.0.1:6667/metrics",
                Map.of(
                    new LoadSeries("iobuf_block_memory", LoadSeries.Kind.UNDECLARED), 581_632.0,
                    new LoadSeries("rpc_server_*_count", LoadSeries.Kind.UNDECLARED), 494_215.0),
                "")),
        List.of(
            new ProcessView.ResourceUse(
                Resource.CGROUP, "memory.max of /system.slice/curve.service", 61e9, 64e9, ""),
            new ProcessView.ResourceUse(Resource.MAPPINGS, "vm.max_map_count", 1_210, 65_530, "")));
  }

  /** The last hour's bytes, minute by minute. */
  private static List<ProcessView.Point> recent(IntToDoubleFunction bytes) {
    return IntStream.range(0, 60)
        .mapToObj(
            i -> new ProcessView.Point(NOON.minusSeconds(60L * (60 - i)), bytes.applyAsDouble(i)))
        .toList();
  }

  private static ProcessView.Heaps heaps(HeapReport ptmalloc) {
    return new ProcessView.Heaps(OwnerReports.of(ptmalloc), null, CensusHistory.Growth.UNKNOWN);
  }

  /** Many processes, each of 52 arenas, whose JSON is 20 kB each and differs in its figures. */
  public static Snapshot many(int processes) {
    return new Snapshot(NOON, IntStream.range(0, processes).mapToObj(Views::large).toList());
  }

  private static ProcessView large(int number) {
    ProcessView view =
        leaking(
            "chunkserver-" + (8200 + number),
            number % 3 == 0 ? Severity.WARNING : Severity.NONE,
            VerdictKind.values()[number % VerdictKind.values().length]);
    SplittableRandom random = new SplittableRandom(number);
    List<HeapReport.Arena> arenas = new ArrayList<>();
    for (int i = 0; i < 52; i++) {
      arenas.add(
          new HeapReport.Arena(
              i,
              0x7f0000000030L + random.nextInt(1 << 20) * (64 * MIB),
              new HeapTotals(
                  random.nextInt(1, 40),
                  random.nextLong(1 << 30),
                  random.nextLong(1 << 30),
                  random.nextLong(1 << 28),
                  random.nextLong(1 << 26),
                  random.nextLong(1 << 27),
                  random.nextLong(1 << 28)),
              random.nextLong(1 << 20),
              HeapReport.Absent.NONE,
              0,
              i % 3 == 1
                  ? new HeapReport.Pin(
                      0x7f0043ffff00L + random.nextInt(1 << 20) * 64,
                      random.nextInt(2, 64) * 16,
                      "\"volume-****\"",
                      random.nextLong(1 << 28))
                  : null));
    }
    HeapReport usual = heap();
    HeapReport heap =
        new HeapReport(usual.walk(), arenas, usual.mmapped(), usual.cachedBytes(), usual.census());
    ProcessView.Identity identity = view.identity();
    ProcessView.Memory memory = view.memory();
    List<ProcessView.Point> recent = recent(i -> 4e9 + random.nextInt(1 << 30));
    return new ProcessView(
        new ProcessView.Identity(
            identity.name(),
            4711 + number,
            identity.place(),
            identity.exe(),
            identity.buildId(),
            identity.startTime(),
            identity.commandLine()),
        view.reading(),
        new ProcessView.Memory(
            memory.residentBytes() + random.nextInt(1 << 30),
            memory.anonymousBytes() + random.nextInt(1 << 30),
            memory.swapBytes(),
            memory.lazyFreeBytes(),
            memory.layout(),
            memory.space(),
            recent),
        heaps(heap),
        view.assessment(),
        view.work(),
        view.resources());
  }

  /** A process that may not be looked at. */
  public static ProcessView denied(String name) {
    return new ProcessView(
        new ProcessView.Identity(name, 99, new ProcessView.Place("", 99), "", "", NOON, ""),
        new ProcessView.Reading(
            false, "/proc/99/smaps needs CAP_SYS_PTRACE", null, List.of(), Map.of()),
        ProcessView.Memory.UNKNOWN,
        ProcessView.Heaps.UNKNOWN,
        ProcessView.Assessment.of(null),
        ProcessView.Work.UNKNOWN,
        List.of());
  }

  private static Layout layout() {
    Map<RegionKind, Layout.Totals> kinds = new TreeMap<>();
    kinds.put(
        RegionKind.ARENA,
        new Layout.Totals(66, 2_112 * MIB, 2_000 * MIB, 2_000 * MIB, 12 * MIB, 0));
    kinds.put(RegionKind.BRK_HEAP, new Layout.Totals(1, 310 * MIB, 300 * MIB, 300 * MIB, 0, 0));
    kinds.put(
        RegionKind.MALLOC_MMAP, new Layout.Totals(40, 2_100 * MIB, 2_000 * MIB, 2_000 * MIB, 0, 0));
    kinds.put(RegionKind.FILE, new Layout.Totals(120, 400 * MIB, 100 * MIB, 0, 0, 0));
    return new Layout(
        List.of("ptmalloc", "go"), kinds, List.of(), 33, 1_210, Layout.Basis.complete(true));
  }

  private static HeapReport heap() {
    return new HeapReport(
        new HeapReport.Walk("2.35-2.42", 0.998, List.of("12 MiB swapped, not walked")),
        List.of(
            new HeapReport.Arena(
                0,
                0x7f0000c80L,
                new HeapTotals(1, 310 * MIB, 250 * MIB, 40 * MIB, 20 * MIB, 10 * MIB, 30 * MIB),
                900_000,
                HeapReport.Absent.NONE,
                0,
                null),
            new HeapReport.Arena(
                1,
                0x7f0040000030L,
                new HeapTotals(
                    32, 2_000 * MIB, 1_900 * MIB, 90 * MIB, 10 * MIB, 20 * MIB, 60 * MIB),
                9_000_000,
                HeapReport.Absent.NONE,
                0,
                new HeapReport.Pin(0x7f0043ffff00L, 160, "\"volume-****\"", 60 * MIB))),
        new HeapReport.Mmapped(512 * MIB, 12, 0),
        3 * MIB,
        List.of(new SizeClass(160, 9_000_000, 1_440_000_000L)));
  }
}
