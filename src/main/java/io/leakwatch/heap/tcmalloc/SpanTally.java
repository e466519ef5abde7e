package io.leakwatch.heap.tcmalloc;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.BlockRuns;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SlabFills;
import io.leakwatch.heap.memory.OwnedMemory;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.Words;
import java.util.List;

/**
 * Adds up what spans hold. Of a span that is cut into objects the number of those that are not free
 * is known; which ones are free its chain of free objects tells.
 */
final class SpanTally implements PageMap.Receiver {
  private final Words words;
  private final SizeMap sizes;
  private final OwnedMemory owned = new OwnedMemory();
  private final BlockRuns runs;
  private final long[] references;
  private final long[] free;

  /** Bytes of spans in use as one object, of free ones and of those given back. */
  private final long[] whole = new long[3];

  private final SizeCensus large = new SizeCensus();
  private final SlabFills.Builder slabs = new SlabFills.Builder();
  private long wholeObjects;
  private long systemBytes;

  SpanTally(Words words, Presence presence, SizeMap sizes, ObjectVisitor visitor) {
    this.words = words;
    this.sizes = sizes;
    this.runs = new BlockRuns(presence, visitor);
    this.references = new long[sizes.classes()];
    this.free = new long[sizes.classes()];
  }

  @Override
  public void span(long struct, Span span) {
    owned.gives(span.address(), span.end());
    owned.keeps(struct);
    systemBytes += span.bytes();
    if (span.location() != Span.IN_USE) {
      runs.addFree(span.address(), span.end(), span.location() == Span.FREE);
      whole[span.location() == Span.FREE ? Span.FREE : Span.RETURNED] += span.bytes();
    } else if (span.sizeClass() == 0 || span.sizeClass() >= sizes.classes()) {
      runs.addWhole(span.address(), span.end());
      whole[Span.IN_USE] += span.bytes();
      wholeObjects++;
      large.add(span.bytes());
    } else {
      long size = sizes.size(span.sizeClass());
      int blocks = (int) (span.bytes() / size);
      int used = Math.min(blocks, span.references());
      slabs.add(size, blocks, used);
      references[span.sizeClass()] += used;
      free[span.sizeClass()] += blocks - used;
      runs.add(
          new BlockRuns.Run(span.address(), span.address(), span.end(), size, blocks),
          used,
          bits -> markFree(span, size, blocks, bits));
    }
  }

  /** Follows a span's chain of free objects. */
  private void markFree(Span span, long size, int blocks, long[] bits) {
    long at = span.objects();
    for (int i = span.references(); i < blocks && at != 0; i++) {
      long index = Long.divideUnsigned(at - span.address(), size);
      boolean isObject = at >= span.address() && index < blocks;
      if (!isObject
          || at != span.address() + index * size
          || ((bits[(int) (index >>> 6)] >>> index) & 1) != 0) {
        return; // It changed under the walk.
      }
      bits[(int) (index >>> 6)] |= 1L << index;
      at = words.at(at);
    }
  }

  /** Where objects in caches are taken out of what is in use. */
  BlockRuns runs() {
    return runs;
  }

  /** Where tcmalloc's memory is. */
  OwnedMemory owned() {
    return owned;
  }

  /** Objects of a class that are not free in their spans. */
  long references(int sizeClass) {
    return references[sizeClass];
  }

  /** Objects of a class that are free in their spans. */
  long free(int sizeClass) {
    return free[sizeClass];
  }

  /** Bytes of spans in use as one object, free or given back, by {@link Span#location}. */
  long wholeBytes(int location) {
    return whole[location];
  }

  long wholeObjects() {
    return wholeObjects;
  }

  /** Spans in use as one object by size, most bytes first. */
  List<SizeClass> large(int sizesMax) {
    return large.largest(sizesMax);
  }

  /** How full the spans are that are cut into objects. */
  SlabFills slabFill() {
    return slabs.build();
  }

  /** Bytes of all spans. */
  long systemBytes() {
    return systemBytes;
  }

  Balance balance() {
    return runs.balance();
  }
}
