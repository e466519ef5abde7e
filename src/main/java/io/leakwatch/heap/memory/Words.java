package io.leakwatch.heap.memory;

import io.leakwatch.heap.memory.AddressSpace.DataSegment;
import io.leakwatch.proc.memory.AddressRanges;

/** Single words of a target's memory, and the search through a library's variables for one. */
public final class Words {
  private static final int PIECE_BYTES = 1 << 16;

  private final HeapMemory memory;
  private final ByteBudget budget;
  private final PageCache pages;
  private final long[] one = new long[1];

  public Words(HeapMemory memory, ByteBudget budget) {
    this.memory = memory;
    this.budget = budget;
    this.pages = new PageCache(memory, budget);
  }

  /** Takes the words of a library's variables one by one. */
  @FunctionalInterface
  public interface Search {
    /**
     * Takes one.
     *
     * @return whether to go on
     */
    boolean word(long address, long word);
  }

  /** Reads words; false when one of them is not present. */
  public boolean read(long address, long[] into, int count) {
    return (address & 7) == 0 && pages.words(address, into, count);
  }

  /** The word at an address, 0 when it is not present. */
  public long at(long address) {
    return read(address, one, 1) ? one[0] : 0;
  }

  /** A number of four bytes at an address that is a multiple of four. */
  public int intAt(long address) {
    long word = at(address & -8L);
    return (int) ((address & 4) == 0 ? word : word >>> 32);
  }

  /** Shows the present words of an array; those that are not present are 0 and left out. */
  public void search(long start, long end, Search search) {
    AddressRanges ranges = new AddressRanges();
    ranges.add(start, end);
    MemoryScan scan = new MemoryScan(memory, ranges, budget, PIECE_BYTES);
    boolean[] ended = new boolean[1];
    while (!ended[0] && !scan.isFinished() && !budget.isExhausted()) {
      scan.advance(
          (address, words, count) -> {
            for (int i = 0; i < count && !ended[0]; i++) {
              ended[0] = words[i] != 0 && !search.word(address + 8L * i, words[i]);
            }
          });
    }
  }

  /** The same of a library's variables, up to so many bytes. */
  public void search(DataSegment data, long bytesMax, Search search) {
    search(data.start(), Math.min(data.end(), data.start() + bytesMax), search);
  }
}
