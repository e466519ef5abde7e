package io.leakwatch.heap.beam;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;

/**
 * Walks through the blocks of a carrier, from the first to the one that says that it is the last. A
 * block begins with its size and whether it is free; one in use has where its carrier begins in the
 * upper bits.
 */
final class BlockWalk {
  private static final int WINDOW_WORDS = 8192;
  private static final int HEAD_BYTES = 8;
  private static final long FREE = 1;
  private static final long LAST = 4;

  private final HeapMemory memory;
  private final ByteBudget budget;
  private final ObjectVisitor visitor;
  private final SizeCensus census = new SizeCensus();
  private final long[] window = new long[WINDOW_WORDS];
  private long windowStart;
  private int windowWords;
  private long counted;
  private long said;

  BlockWalk(HeapMemory memory, ByteBudget budget, ObjectVisitor visitor) {
    this.memory = memory;
    this.budget = budget;
    this.visitor = visitor;
  }

  /** Shows the blocks of a carrier. */
  void walk(Carrier carrier) {
    said += carrier.counts().all();
    if (carrier.isSingle()) {
      if (carrier.counts().all() > 0) {
        show(carrier.address() + carrier.headBytes(), carrier.sizes().all(), true);
      }
      return;
    }
    windowWords = 0;
    long at = carrier.address() + carrier.headBytes();
    while (at + HEAD_BYTES <= carrier.end() && load(at, carrier.end())) {
      long head = window[(int) (at - windowStart) / 8];
      long bytes = head & Carrier.BLOCK_SIZE;
      if (bytes < HEAD_BYTES || bytes > carrier.end() - at) {
        return; // It changed under the walk.
      }
      show(at, bytes, (head & FREE) == 0);
      if ((head & LAST) != 0) {
        return;
      }
      at += bytes;
    }
  }

  private boolean load(long at, long end) {
    if (windowWords > 0 && at - windowStart < 8L * windowWords) {
      return true;
    }
    if (budget.isExhausted()) {
      return false;
    }
    int wanted = (int) Math.min(WINDOW_WORDS, (end - at) / 8);
    windowStart = at;
    windowWords = Math.max(0, memory.peek(at, window, wanted));
    budget.spend(8L * Math.max(1, windowWords));
    return windowWords > 0;
  }

  private void show(long block, long bytes, boolean inUse) {
    if (inUse) {
      counted++;
      census.add(bytes);
    }
    visitor.object(block + HEAD_BYTES, bytes - HEAD_BYTES, inUse);
  }

  /** Blocks in use as they were counted over those that the carriers say. */
  double selfCheck() {
    return said == 0 ? Double.NaN : (double) counted / said;
  }

  SizeCensus census() {
    return census;
  }
}
