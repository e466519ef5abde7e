package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.ptmalloc.Arena.HeapInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The stretches of chunks that an arena consists of, the one with the top last: the heaps of a
 * thread's arena; for the main arena brk and, where brk was not to be had, regions got by mmap.
 */
final class ArenaSegments {
  /** How far brk may have moved since the mappings were read. */
  private static final long BRK_GROWTH_BYTES = 1L << 30;

  private final HeapMemory memory;
  private final GlibcLayout layout;
  private final AddressSpace space;

  ArenaSegments(HeapMemory memory, GlibcLayout layout, AddressSpace space) {
    this.memory = memory;
    this.layout = layout;
    this.space = space;
  }

  /**
   * The heaps of a thread's arena, oldest first.
   *
   * @param known addresses of heaps that are left out, to which those here are added
   */
  List<Segment> ofHeaps(Arena arena, ArenaTally tally, Set<Long> known) {
    long topField = arena.state().topField();
    List<Segment> segments = new ArrayList<>();
    for (HeapInfo heap : arena.heaps()) {
      if (!known.add(heap.address())) {
        continue;
      }
      boolean first = heap.previous() == 0;
      long start =
          first
              ? layout.firstChunk(arena.state().address())
              : heap.address() + layout.heapInfoBytes();
      tally.overhead(start - heap.address());
      segments.add(
          Segment.ofHeap(
              memory,
              heap.address(),
              topField,
              start,
              heap.address() + heap.sizeBytes(),
              heap.address() + heap.sizeMaxBytes()));
    }
    return segments;
  }

  /**
   * What follows where an arena's top was when it was walked; nothing where the top is there still
   * or lies below.
   *
   * @param arena as it is now
   */
  List<Segment> behind(Arena arena, long formerTop) {
    long top = arena.state().top();
    if (formerTop == 0 || top == formerTop) {
      return List.of();
    }
    long topField = arena.state().topField();
    if (arena.main()) {
      return top < formerTop || !isInBrk(formerTop)
          ? List.of()
          : List.of(Segment.ofBrk(memory, topField, formerTop, top, formerTop + BRK_GROWTH_BYTES));
    }
    for (HeapInfo heap : arena.heaps()) {
      long reach = heap.address() + heap.sizeMaxBytes();
      if (formerTop >= heap.address() && formerTop < reach) {
        return top >= heap.address() && top < formerTop
            ? List.of()
            : List.of(
                Segment.ofHeap(
                    memory,
                    heap.address(),
                    topField,
                    formerTop,
                    heap.address() + heap.sizeBytes(),
                    reach));
      }
    }
    return List.of();
  }

  private boolean isInBrk(long address) {
    return space.brk().stream()
        .anyMatch(brk -> address >= brk[0] && address < brk[1] + BRK_GROWTH_BYTES);
  }

  /**
   * The parts of the main arena.
   *
   * @param regions what it got by mmap
   */
  List<Segment> ofMain(Arena main, @Nullable MallocParameters parameters, List<long[]> regions) {
    List<Segment> segments = new ArrayList<>();
    if (main.state().systemMem() == 0) {
      return segments;
    }
    long topField = main.state().topField();
    for (long[] region : regions) {
      if (!isTopIn(main, region)) {
        segments.add(Segment.ofRegion(memory, topField, region[0], region[1]));
      }
    }
    for (long[] brk : space.brk()) {
      long base = parameters == null ? 0 : parameters.sbrkBase();
      long start = base >= brk[0] && base < brk[1] ? base : brk[0];
      if (regions.isEmpty() || start == base || isTopIn(main, brk)) {
        segments.add(
            Segment.ofBrk(memory, topField, start + 15 & -16L, brk[1], brk[1] + BRK_GROWTH_BYTES));
      }
    }
    for (long[] region : regions) {
      if (isTopIn(main, region)) {
        segments.add(Segment.ofRegion(memory, topField, region[0], region[1]));
      }
    }
    return segments;
  }

  /** Whether the main arena may have memory outside brk. */
  boolean mayLeaveBrk(Arena main) {
    return main.state().systemMem() > 0
        && (main.state().isNoncontiguous()
            || space.brk().stream().noneMatch(brk -> isTopIn(main, brk)));
  }

  private static boolean isTopIn(Arena main, long[] range) {
    return main.state().top() >= range[0] && main.state().top() < range[1];
  }
}
