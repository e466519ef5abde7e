package io.leakwatch.heap.mimalloc;

import io.leakwatch.heap.BlockRuns;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SizeClasses;
import io.leakwatch.heap.memory.OwnedMemory;
import io.leakwatch.heap.memory.Words;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds up what mimalloc's pages hold. Of a page the number of blocks is known that its thread has
 * not got back; what other threads freed meanwhile waits on a chain, which is followed. Where a
 * page of 2.0 begins its small blocks is not written down: it follows from how many a page has room
 * for ({@link SmallOffset}).
 */
final class PageTally implements PageSource.Receiver {
  private static final int FREE = 0;
  private static final int THREAD_FREE = 2;

  private final Words words;
  private final BlockRuns runs;
  private final long smallOffset;
  private final boolean givesBack;
  private final OwnedMemory owned = new OwnedMemory();
  private final Map<Long, Long> counts = new HashMap<>();
  private long objects;
  private long liveBytes;
  private long systemBytes;

  /**
   * Nothing yet.
   *
   * @param smallOffset bytes from a page's first slice to its first small block
   * @param givesBack whether a collection gives back what is free
   */
  PageTally(Words words, BlockRuns runs, long smallOffset, boolean givesBack) {
    this.smallOffset = smallOffset;
    this.givesBack = givesBack;
    this.words = words;
    this.runs = runs;
  }

  @Override
  public void segment(long start, long firstPage, long end) {
    owned.gives(start, end);
    runs.addMetadata(start, firstPage);
    systemBytes += end - start;
  }

  @Override
  public void page(MimallocPage page) {
    long bytes = page.end() - page.address();
    if (page.isFree() || page.blockBytes() > bytes) {
      runs.addFree(page.address(), page.end(), givesBack);
      return;
    }
    long first = first(page);
    int blocks = (int) Math.min(page.blocks(), (page.end() - first) / page.blockBytes());
    int handedOut = Math.max(0, Math.min(blocks, page.used())); // The page may say anything.
    int used = handedOut - length(page.chain(THREAD_FREE), handedOut);
    objects += used;
    liveBytes += used * page.blockBytes();
    counts.merge(page.blockBytes(), (long) used, Long::sum);
    runs.add(
        new BlockRuns.Run(page.address(), first, page.end(), page.blockBytes(), blocks),
        used,
        bits -> {
          for (int chain = FREE; chain <= THREAD_FREE; chain++) {
            mark(page.chain(chain), first, page.blockBytes(), blocks, bits);
          }
        });
  }

  /** The first block: where the page says it, else where blocks of its size begin. */
  private long first(MimallocPage page) {
    if (page.start() >= page.address() && page.start() < page.end()) {
      return page.start();
    }
    return page.address() + (page.blockBytes() <= SmallOffset.SMALL_BYTES_MAX ? smallOffset : 0);
  }

  private int length(long chain, int most) {
    int length = 0;
    long at = chain;
    while (at > 0 && length < most) {
      length++;
      at = words.at(at);
    }
    return length;
  }

  private void mark(long chain, long first, long blockBytes, int blocks, long[] bits) {
    long at = chain;
    for (int i = 0; i < blocks && at > 0; i++) {
      long index = (at - first) / blockBytes;
      if (at < first || index >= blocks || at != first + index * blockBytes) {
        return; // It changed under the walk.
      }
      bits[(int) (index >>> 6)] |= 1L << index;
      at = words.at(at);
    }
  }

  OwnedMemory owned() {
    return owned;
  }

  BlockRuns runs() {
    return runs;
  }

  long objects() {
    return objects;
  }

  long liveBytes() {
    return liveBytes;
  }

  /** Bytes of all segments. */
  long systemBytes() {
    return systemBytes;
  }

  List<SizeClass> census(int sizesMax) {
    List<SizeClass> census = new ArrayList<>();
    counts.forEach(
        (size, count) -> {
          if (count > 0) {
            census.add(new SizeClass(size, count, size * count));
          }
        });
    census.sort(Comparator.comparingLong(SizeClass::bytes).reversed());
    return SizeClasses.of(census.subList(0, Math.min(sizesMax, census.size())));
  }
}
