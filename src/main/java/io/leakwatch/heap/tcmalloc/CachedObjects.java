package io.leakwatch.heap.tcmalloc;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.memory.Words;

/**
 * Takes what threads and the transfer slots hold ready out of what is in use: their numbers, and
 * where somebody wants to see the objects, or where one has pages of its own, the objects
 * themselves.
 */
final class CachedObjects {
  private final Words words;
  private final SizeMap sizes;
  private final SpanTally tally;
  private final ObjectVisitor visitor;
  private final long pageBytes;
  private final long[] live;
  private int entriesLeft;
  private long threadBytes;
  private long transferBytes;
  private boolean isCut;

  CachedObjects(
      Words words,
      SizeMap sizes,
      SpanTally tally,
      ObjectVisitor visitor,
      int entriesMax,
      long pageBytes) {
    this.words = words;
    this.sizes = sizes;
    this.tally = tally;
    this.visitor = visitor;
    this.entriesLeft = entriesMax;
    this.pageBytes = pageBytes;
    this.live = new long[sizes.classes()];
    for (int i = 1; i < live.length; i++) {
      live[i] = tally.references(i);
    }
  }

  void add(ThreadLists threads) {
    for (long cache : threads.caches()) {
      tally.owned().keeps(cache);
      for (int i = 1; i < sizes.classes(); i++) {
        int length = threads.length(cache, i);
        threadBytes += length > 0 ? take(i, length, threads.head(cache, i)) : 0;
      }
    }
  }

  void add(CentralCaches central) {
    for (int i = 1; i < sizes.classes(); i++) {
      for (int batch = central.batches(words, i) - 1; batch >= 0; batch--) {
        transferBytes += take(i, sizes.batch(i), central.head(words, i, batch));
      }
    }
  }

  private long take(int sizeClass, long wanted, long head) {
    long count = Math.min(live[sizeClass], wanted);
    long size = sizes.size(sizeClass);
    live[sizeClass] -= count;
    long absent = 0;
    if (visitor != ObjectVisitor.NONE || size > pageBytes) {
      long at = head;
      for (long i = 0; i < count && at > 0; i++) {
        if (entriesLeft-- <= 0) {
          isCut = true;
          break;
        }
        absent += size > pageBytes ? tally.runs().absentBytes(at, size) : 0;
        visitor.cached(at, size);
        at = words.at(at);
      }
    }
    tally.runs().cached(count * size, Math.min(absent, count * size));
    return count * size;
  }

  /** Objects of a class in use. */
  long live(int sizeClass) {
    return live[sizeClass];
  }

  long threadBytes() {
    return threadBytes;
  }

  long transferBytes() {
    return transferBytes;
  }

  /** Whether not all objects in caches were shown. */
  boolean isCut() {
    return isCut;
  }
}
