package io.leakwatch.heap.memory;

/**
 * Searches the variables of files for what is known by its shape alone. They are shown in windows
 * that overlap by as much as is sought, so that it lies whole in one of them; what is not present
 * was never written to and holds nothing.
 */
public final class Variables {
  private static final int WINDOW_WORDS = 4096;

  private final HeapMemory memory;
  private final ByteBudget budget;
  private final Presence presence;
  private long leftBytes;

  /**
   * A search.
   *
   * @param bytesMax that are read of all files together
   */
  public Variables(HeapMemory memory, ByteBudget budget, long bytesMax) {
    this.memory = memory;
    this.budget = budget;
    this.presence = new Presence(memory);
    this.leftBytes = bytesMax;
  }

  /** Looks at a window. */
  @FunctionalInterface
  public interface Window {
    /**
     * Looks.
     *
     * @param address of the first word
     * @return whether the search goes on
     */
    boolean goesOn(long address, long[] words, int count);
  }

  /** {@link HeapMemory#GONE} or {@link HeapMemory#DENIED} once that was met, else 0. */
  public int failure() {
    return presence.failure();
  }

  /**
   * Shows the variables of a file.
   *
   * @param soughtWords that what is sought takes; 0 where windows need not overlap
   */
  public void search(AddressSpace.DataSegment data, int soughtWords, Window window) {
    long[] words = new long[WINDOW_WORDS + soughtWords];
    long at = presence.nextPresent(data.start(), data.end());
    while (at < data.end() && leftBytes > 0 && failure() == 0 && !budget.isExhausted()) {
      int wanted = (int) Math.min(words.length, (data.end() - at) >>> 3);
      int count = Math.max(0, memory.peek(at, words, wanted));
      budget.spend(Math.max(8, count * 8L));
      leftBytes -= Math.max(memory.pageBytes(), count * 8L);
      if (!window.goesOn(at, words, count)) {
        return;
      }
      boolean isCut = count > WINDOW_WORDS;
      long behind = at + Math.max(8, Math.min(count, WINDOW_WORDS) * 8L);
      at = isCut ? behind : presence.nextPresent(pageBehind(behind), data.end());
    }
  }

  private long pageBehind(long address) {
    return address + memory.pageBytes() - 1 & -memory.pageBytes();
  }
}
