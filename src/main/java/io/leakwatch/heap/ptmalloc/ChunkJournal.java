package io.leakwatch.heap.ptmalloc;

/**
 * The chunks that a walk has passed and may still have to go back to: their addresses in order, bit
 * 0 set when the chunk is in use, and behind them the address where the walk stands. The older ones
 * are summed up when room is needed, because no trouble reaches back that far.
 */
final class ChunkJournal {
  /** Chunks that stay when room is made: more than a walk ever goes back. */
  private static final int KEPT = 256;

  private static final int CHUNK_BYTES_MIN = 32;

  private final long[] entries;
  private final int windowChunks;
  private int count;

  /**
   * @param windowBytes what the walk reads at once, and so may add without asking for room
   */
  ChunkJournal(int windowBytes) {
    this.windowChunks = windowBytes / CHUNK_BYTES_MIN + 16;
    this.entries = new long[2 * windowChunks + KEPT];
  }

  /** For the walk's inner loop, which adds entries and then tells by {@link #grownTo}. */
  long[] entries() {
    return entries;
  }

  int count() {
    return count;
  }

  boolean isEmpty() {
    return count == 0;
  }

  void clear() {
    count = 0;
  }

  /** Says how many entries there are and where the walk stands. */
  void grownTo(int newCount, long position) {
    count = newCount;
    entries[newCount] = position;
  }

  void add(long chunk, boolean inUse, long position) {
    entries[count] = inUse ? chunk | 1 : chunk;
    grownTo(count + 1, position);
  }

  /** Forgets the last chunks and returns where the walk stands then. */
  long rewind(int chunks, long position) {
    int back = Math.min(chunks, count);
    count -= back;
    entries[count] = back > 0 ? entries[count] & -16L : position;
    return entries[count];
  }

  /** Sums the older chunks up when another window's might not fit. */
  void makeRoom(ArenaTally tally) {
    if (count > entries.length - windowChunks) {
      sumUp(count - KEPT, tally);
    }
  }

  /** Sums up all chunks. */
  void flush(ArenaTally tally) {
    sumUp(count, tally);
  }

  private void sumUp(int chunks, ArenaTally tally) {
    if (chunks > 0) {
      tally.commit(entries, chunks);
      System.arraycopy(entries, chunks, entries, 0, count - chunks + 1);
      count -= chunks;
    }
  }
}
