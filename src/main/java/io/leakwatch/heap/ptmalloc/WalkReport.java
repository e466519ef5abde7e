package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.memory.HeapMemory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of a walk, as a report. An arena's own sum is read once more: what it has beyond the
 * walked bytes was not walked.
 */
final class WalkReport {
  private static final int CONTENT_WORDS = 8;

  private final HeapMemory memory;
  private final GlibcLayout layout;
  private final MaskedWords masked;

  WalkReport(HeapMemory memory, GlibcLayout layout, MaskedWords masked) {
    this.memory = memory;
    this.layout = layout;
    this.masked = masked;
  }

  HeapReport of(
      List<Arena> arenas,
      List<ArenaTally> tallies,
      MmappedChunks mmapped,
      @Nullable MallocParameters parameters,
      List<SizeClass> census,
      List<String> notes) {
    List<HeapReport.Arena> reported = new ArrayList<>();
    long walked = 0;
    long unknown = 0;
    long cached = 0;
    for (int i = 0; i < tallies.size(); i++) {
      Arena arena = arenas.get(i);
      ArenaTally tally = tallies.get(i);
      MallocState now = MallocState.read(memory, layout, arena.state().address());
      long system = now == null ? arena.state().systemMem() : now.systemMem();
      tally.countMissing(system, !arena.state().isNoncontiguous());
      walked += tally.walkedBytes();
      unknown += tally.unknownBytes;
      cached += tally.cachedBytes;
      reported.add(
          new HeapReport.Arena(
              i,
              arena.state().address(),
              new HeapTotals(
                  arena.heaps().size(),
                  system,
                  tally.inUseBytes,
                  tally.freeBytes,
                  tally.topBytes,
                  tally.trimmableBytes,
                  tally.pinnedBytes),
              tally.inUseChunks,
              new HeapReport.Absent(
                  tally.untouchedBytes, tally.returnedBytes, tally.returnedPinnedBytes),
              tally.unknownBytes,
              pin(tally)));
    }
    return new HeapReport(
        new HeapReport.Walk(
            layout.versions(),
            walked == 0 ? 0 : (double) (walked - unknown) / walked,
            List.copyOf(notes)),
        List.copyOf(reported),
        new HeapReport.Mmapped(
            parameters == null ? mmapped.bytes() : parameters.mmappedBytes(),
            parameters == null ? mmapped.count() : parameters.mmapCount(),
            mmapped.untouchedBytes()),
        cached,
        census);
  }

  private HeapReport.@Nullable Pin pin(ArenaTally tally) {
    if (tally.lastInUse == 0) {
      return null;
    }
    long[] words = new long[CONTENT_WORDS];
    int wanted = (int) Math.min(CONTENT_WORDS, (tally.lastInUseBytes - 8) / 8);
    int count = Math.max(0, memory.peek(tally.lastInUse + 16, words, wanted));
    return new HeapReport.Pin(
        tally.lastInUse,
        tally.lastInUseBytes,
        masked.of(words, count),
        tally.lastInUseBytes + tally.freeBelowLast);
  }
}
