package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.proc.memory.AddressRanges;
import org.jspecify.annotations.Nullable;

/** An arena's {@code malloc_state} as read at one time under one layout. */
final class MallocState {
  private static final long NONCONTIGUOUS = 2L << 32;

  private final GlibcLayout layout;
  private final long address;
  private final long[] words;

  private MallocState(GlibcLayout layout, long address, long[] words) {
    this.layout = layout;
    this.address = address;
    this.words = words;
  }

  GlibcLayout layout() {
    return layout;
  }

  long address() {
    return address;
  }

  /** Reads it; null when it is not present as a whole. */
  static @Nullable MallocState read(HeapMemory memory, GlibcLayout layout, long address) {
    if (address <= 0 || (address & 7) != 0) {
      return null;
    }
    long[] words = new long[layout.stateBytes() / 8];
    return memory.peek(address, words, words.length) == words.length
        ? new MallocState(layout, address, words)
        : null;
  }

  long top() {
    return words[layout.top() / 8];
  }

  long next() {
    return words[layout.next() / 8];
  }

  long systemMem() {
    return words[layout.systemMem() / 8];
  }

  long maxSystemMem() {
    return words[layout.maxSystemMem() / 8];
  }

  /** Whether the main arena could not extend the brk heap at some time. */
  boolean isNoncontiguous() {
    return (words[0] & NONCONTIGUOUS) != 0;
  }

  long fastbin(int i) {
    return layout.hasFastbins() ? words[layout.fastbins() / 8 + i] : 0;
  }

  long topField() {
    return address + layout.top();
  }

  /** Whether sizes and the count of threads are what an arena can have. */
  boolean isPlausible() {
    long system = systemMem();
    long threads = layout.attachedThreads() < 0 ? 0 : words[layout.attachedThreads() / 8];
    return system >= 0
        && (system & 15) == 0
        && system <= maxSystemMem()
        && maxSystemMem() < 1L << 47
        && threads >= 0
        && threads < 1 << 22
        && (top() & 15) == 0
        && next() > 0
        && (next() & 7) == 0;
  }

  /** Whether all bins but a few are what bins can be. */
  boolean hasSoundBins(AddressRanges heaps, int unsoundMax) {
    return hasSoundBins(layout, address, words, 0, heaps, unsoundMax);
  }

  /**
   * The same of words that may be a state: a bin's heads refer to themselves, as those of an empty
   * one do, or to 16-aligned addresses in a heap. Most of what is no state shows it by its first
   * bins.
   *
   * @param from where in the words the state would begin
   */
  static boolean hasSoundBins(
      GlibcLayout layout,
      long address,
      long[] words,
      int from,
      AddressRanges heaps,
      int unsoundMax) {
    int unsound = 0;
    for (int i = 0; i < GlibcLayout.BINS && unsound <= unsoundMax; i++) {
      long self = address + layout.bins() + 16L * i - 16;
      long forward = words[from + layout.bins() / 8 + 2 * i];
      long back = words[from + layout.bins() / 8 + 2 * i + 1];
      boolean empty = forward == self && back == self;
      boolean linked =
          (forward & 15) == 0
              && (back & 15) == 0
              && heaps.contains(forward)
              && heaps.contains(back);
      if (!empty && !linked) {
        unsound++;
      }
    }
    return unsound <= unsoundMax;
  }
}
