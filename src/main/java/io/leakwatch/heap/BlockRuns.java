package io.leakwatch.heap;

import io.leakwatch.heap.Balance.Part;
import io.leakwatch.heap.memory.Presence;
import java.util.Arrays;

/**
 * Adds up runs of memory that an allocator cuts into blocks of one size, as spans, pages and groups
 * are, and shows the blocks to a visitor. How many of them are in use the allocator counts; which
 * ones are free is asked only where somebody wants to see the blocks, or where pages are absent and
 * it matters whose they are.
 */
public final class BlockRuns {
  private final Presence presence;
  private final ObjectVisitor visitor;
  private final Balance.Builder parts = Balance.builder();
  private long[] free = new long[16];

  public BlockRuns(Presence presence, ObjectVisitor visitor) {
    this.presence = presence;
    this.visitor = visitor;
  }

  /** Tells which blocks of a run are free. */
  @FunctionalInterface
  public interface FreeBlocks {
    /** Sets the bit of each free block: bit {@code i % 64} of element {@code i / 64}. */
    void mark(long[] bits);
  }

  /**
   * One run.
   *
   * @param start of the run
   * @param first block
   * @param end of the run, which may lie behind the last block
   * @param blockBytes from one block to the next
   * @param blocks that were made
   */
  public record Run(long start, long first, long end, long blockBytes, int blocks) {}

  /** Whether it matters which blocks are free. */
  private boolean mustAsk(Run run, long absentBytes) {
    return visitor != ObjectVisitor.NONE
        || (absentBytes > 0 && run.blockBytes() >= presence.pageBytes());
  }

  /** Adds a run of which so many blocks are in use, which count as live where they are present. */
  public void add(Run run, long used, FreeBlocks freeBlocks) {
    long behind = run.first() + run.blocks() * run.blockBytes();
    long absentBytes = presence.untouchedBytes(run.first(), behind);
    long outside = run.end() - behind + run.first() - run.start();
    long outsideAbsent =
        presence.untouchedBytes(run.start(), run.end())
            - absentBytes; // A page may lie on the edge.
    long freeBytes = (run.blocks() - used) * run.blockBytes();
    long freeAbsent =
        mustAsk(run, absentBytes) ? show(run, freeBlocks) : Math.min(absentBytes, freeBytes);
    long untouched =
        Math.max(
            0, Math.min(absentBytes - Math.min(freeAbsent, freeBytes), used * run.blockBytes()));
    freeAbsent = absentBytes - untouched;
    outsideAbsent = Math.min(outsideAbsent, outside);
    parts
        .add(Part.LIVE, used * run.blockBytes() - untouched)
        .add(Part.UNTOUCHED, untouched)
        .add(used > 0 ? Part.PINNED : Part.KEPT, freeBytes - freeAbsent + outside - outsideAbsent)
        .add(Part.RETURNED, freeAbsent + outsideAbsent);
  }

  /** Shows the blocks; the bytes of absent pages of those that are free. */
  private long show(Run run, FreeBlocks freeBlocks) {
    int words = (run.blocks() + 63) / 64;
    free = free.length < words ? new long[words] : free;
    Arrays.fill(free, 0);
    freeBlocks.mark(free);
    long absent = 0;
    for (int i = 0; i < run.blocks(); i++) {
      long block = run.first() + i * run.blockBytes();
      boolean isFree = (free[i >>> 6] >>> i & 1) != 0;
      absent += isFree ? absentBytes(block, run.blockBytes()) : 0;
      visitor.object(block, run.blockBytes(), !isFree);
    }
    return absent;
  }

  /** Adds one block that is in use as a whole. */
  public void addWhole(long start, long end) {
    long absent = absentBytes(start, end - start);
    parts.add(Part.LIVE, end - start - absent).add(Part.UNTOUCHED, absent);
    visitor.object(start, end - start, true);
  }

  /**
   * Adds whole pages that are free; what the owner's release call would give back is told apart.
   */
  public void addFree(long start, long end, boolean isReleasable) {
    long absent = absentBytes(start, end - start);
    long present = end - start - absent;
    parts
        .add(Part.KEPT, present)
        .add(Part.RETURNED, absent)
        .add(Part.GIVE_BACK, isReleasable ? present : 0);
  }

  /** Adds what the owner keeps its books in. */
  public void addMetadata(long start, long end) {
    parts.add(Part.METADATA, presence.presentBytes(start, end));
  }

  /** Takes blocks that lie in caches out of what is live. */
  public void cached(long bytes, long absentBytes) {
    parts
        .add(Part.CACHED, bytes - absentBytes)
        .add(Part.LIVE, absentBytes - bytes)
        .add(Part.UNTOUCHED, -absentBytes)
        .add(Part.RETURNED, absentBytes);
  }

  /** Bytes of the whole pages of a block that are neither present nor in swap. */
  public long absentBytes(long block, long bytes) {
    return presence.untouchedBytes(block, block + bytes);
  }

  public Balance balance() {
    return parts.build();
  }
}
