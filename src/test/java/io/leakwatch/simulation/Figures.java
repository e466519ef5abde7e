package io.leakwatch.simulation;

import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.limits.Limit;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.region.AddressSpace;
import io.leakwatch.region.Classification;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.RegionKind;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the readers of /proc and of heaps would say of a simulated process. */
final class Figures {
  private static final long MIB = 1 << 20;
  private static final long FILE_BYTES = 60 * MIB;

  private static final long MAPPINGS_MAX = 65_530;
  private static final long CHUNK_BYTES = 128;

  private Figures() {}

  static Status status(long anonBytes, long cpuTicks) {
    return new Status(
        new Status.Rss(anonBytes + FILE_BYTES, anonBytes, FILE_BYTES, 0),
        0,
        anonBytes / 512,
        new Status.Space(4 * anonBytes, 2 * anonBytes),
        0,
        40,
        cpuTicks);
  }

  static ProcessInfo info(ProcessId id, String comm, List<String> arguments, Instant start) {
    return new ProcessInfo(
        id,
        new ProcessInfo.Program(comm, arguments, "/usr/bin/" + comm, false),
        new ProcessInfo.Place(List.of(), "", id.pid()),
        start,
        0,
        false,
        false);
  }

  static Limits limits(double ageSeconds, long limitBytes, long usedBytes, int mappings) {
    List<Limit> cgroups =
        limitBytes == 0
            ? List.of()
            : List.of(
                new Limit("memory.max of /server.slice", Limit.Unit.BYTES, limitBytes, usedBytes));
    Limit node = new Limit("MemAvailable of the node", Limit.Unit.BYTES, 256L << 30, usedBytes);
    return new Limits(
        ageSeconds,
        MAPPINGS_MAX,
        new Limits.Memory(cgroups, Optional.empty(), Optional.empty(), Optional.of(node)),
        mappings < 0
            ? Optional.empty()
            : Optional.of(
                new Limit("vm.max_map_count", Limit.Unit.MAPPINGS, MAPPINGS_MAX, mappings)),
        List.of(),
        Optional.empty());
  }

  static Classification classification(long anonBytes, int mappings, boolean exact) {
    Map<RegionKind, Layout.Totals> kinds = new EnumMap<>(RegionKind.class);
    kinds.put(RegionKind.ARENA, totals(anonBytes * 7 / 10));
    kinds.put(RegionKind.BRK_HEAP, totals(anonBytes * 2 / 10));
    kinds.put(RegionKind.ANONYMOUS, totals(anonBytes / 10));
    kinds.put(RegionKind.FILE, new Layout.Totals(30, 2 * FILE_BYTES, FILE_BYTES, 0, 0, 0));
    int arenas = (int) (1 + anonBytes / (64 * MIB));
    return new Classification(
        new Layout(
            List.of("ptmalloc"), kinds, List.of(), arenas, mappings, Layout.Basis.complete(exact)),
        64 * MIB,
        AddressSpace.UNKNOWN);
  }

  private static Layout.Totals totals(long bytes) {
    return new Layout.Totals(8, 2 * bytes, bytes, bytes, 0, 0);
  }

  static OwnerReports heaps(long systemBytes, long inUseBytes) {
    long free = systemBytes - inUseBytes;
    HeapTotals totals =
        new HeapTotals(1, systemBytes, inUseBytes, free / 2, free - free / 2, free / 2, 0);
    long chunks = inUseBytes / CHUNK_BYTES;
    HeapReport.Arena arena =
        new HeapReport.Arena(0, 0x7f00_0000_0000L, totals, chunks, HeapReport.Absent.NONE, 0, null);
    HeapReport report =
        new HeapReport(
            new HeapReport.Walk("2.35-2.42", 1, List.of()),
            List.of(arena),
            HeapReport.Mmapped.NONE,
            0,
            List.of(new SizeClass(CHUNK_BYTES, chunks, inUseBytes)));
    return OwnerReports.of(report);
  }
}
