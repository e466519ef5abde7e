package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.HeapStrip;
import io.leakwatch.heap.HeapStrips;
import io.leakwatch.heap.memory.Presence;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Draws the heaps while they are walked: adds up what is in use of each cell, and asks of the
 * others at the heap's end whether memory stands behind them. A heap that outgrows its cells gets
 * cells of twice the size. Chunks in thread caches count as in use here, for they are told apart
 * only when all heaps were walked.
 */
final class StripDraft {
  private static final int STRIPS_MAX = 512;
  private static final int CELL_SHIFT = Integer.numberOfTrailingZeros(HeapStrip.CELL_BYTES_MIN);

  private final Presence presence;
  private final List<HeapStrip> strips = new ArrayList<>();
  private final long[] used = new long[HeapStrip.CELLS_MAX];
  private final BitSet unknown = new BitSet(HeapStrip.CELLS_MAX);
  private int omitted;
  private int arena;
  private long base;
  private int shift;

  StripDraft(Presence presence) {
    this.presence = presence;
  }

  /** The heaps that follow belong to an arena. */
  void arena(int index) {
    arena = index;
  }

  /**
   * Begins a heap.
   *
   * @param start of its first page
   */
  void begin(long start) {
    base = start;
    shift = CELL_SHIFT;
    Arrays.fill(used, 0);
    unknown.clear();
  }

  /** Adds a chunk in use. */
  void use(long address, long bytes) {
    long from = address - base;
    long to = from + bytes;
    if (from < 0 || bytes <= 0) {
      return;
    }
    reach(to);
    int cell = (int) (from >>> shift);
    int last = (int) ((to - 1) >>> shift);
    if (cell == last) {
      used[cell] += bytes;
      return;
    }
    for (; cell <= last; cell++) {
      long end = Math.min(to, (cell + 1L) << shift);
      used[cell] += end - from;
      from = end;
    }
  }

  /** Adds what could not be walked, or is not malloc's. */
  void unknown(long address, long bytes) {
    long from = address - base;
    if (from < 0 || bytes <= 0) {
      return;
    }
    reach(from + bytes);
    unknown.set((int) (from >>> shift), (int) ((from + bytes - 1) >>> shift) + 1);
  }

  private void reach(long to) {
    while (((to - 1) >>> shift) >= HeapStrip.CELLS_MAX) {
      for (int i = 0; i < HeapStrip.CELLS_MAX / 2; i++) {
        used[i] = used[2 * i] + used[2 * i + 1];
        unknown.set(i, unknown.get(2 * i) || unknown.get(2 * i + 1));
      }
      Arrays.fill(used, HeapStrip.CELLS_MAX / 2, HeapStrip.CELLS_MAX, 0);
      unknown.clear(HeapStrip.CELLS_MAX / 2, HeapStrip.CELLS_MAX);
      shift++;
    }
  }

  /**
   * Ends the heap.
   *
   * @param end first address behind it
   * @param pin the last chunk in use
   * @param pinnedBytes that are free below it
   */
  void end(long end, long pin, long pinnedBytes) {
    if (end <= base) {
      return;
    }
    reach(end - base);
    long cellBytes = 1L << shift;
    StringBuilder cells = new StringBuilder();
    for (long at = base; at < end; at += cellBytes) {
      cells.append(cell(cells.length(), at, Math.min(end, at + cellBytes)));
    }
    int pinCell = pinnedBytes < cellBytes ? -1 : (int) ((pin - base) >>> shift);
    add(new HeapStrip(arena, base, cellBytes, cells.toString(), pinCell));
  }

  private char cell(int index, long from, long to) {
    if (used[index] > 0) {
      return HeapStrip.inUse(used[index], 1L << shift);
    }
    if (unknown.get(index)) {
      return HeapStrip.UNKNOWN;
    }
    return isPresent(from, to) ? HeapStrip.FREE : HeapStrip.RETURNED;
  }

  private boolean isPresent(long from, long to) {
    long page = presence.pageBytes();
    return presence.presentBytes(from & -page, (to + page - 1) & -page) > 0;
  }

  /** A heap that grew meanwhile is walked on from where it ended, and drawn on there. */
  private void add(HeapStrip strip) {
    for (int i = strips.size() - 1; i >= 0; i--) {
      HeapStrip before = strips.get(i);
      if (before.address() == strip.address() && before.cellBytes() == strip.cellBytes()) {
        strips.set(i, onward(before, strip));
        return;
      }
    }
    if (strips.size() < STRIPS_MAX) {
      strips.add(strip);
    } else {
      omitted++;
    }
  }

  private static HeapStrip onward(HeapStrip before, HeapStrip after) {
    StringBuilder cells = new StringBuilder(after.cells());
    for (int i = 0; i < Math.min(cells.length(), before.cells().length()); i++) {
      if (cells.charAt(i) == HeapStrip.FREE || cells.charAt(i) == HeapStrip.RETURNED) {
        cells.setCharAt(i, before.cells().charAt(i));
      }
    }
    return new HeapStrip(
        after.arena(), after.address(), after.cellBytes(), cells.toString(), after.pinCell());
  }

  HeapStrips strips() {
    return new HeapStrips(strips, omitted);
  }
}
