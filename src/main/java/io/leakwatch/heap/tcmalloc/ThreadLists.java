package io.leakwatch.heap.tcmalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.AddressSpace.DataSegment;
import io.leakwatch.heap.memory.Words;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The free objects that each thread holds ready ({@code ThreadCache} in src/thread_cache.h): a list
 * for each class. The caches of living threads hang on one chain; those of threads that ended stay
 * in memory with the lengths they had, so only what is on the chain counts.
 *
 * <p>Since 2.6 a list says the size of its objects, and a cache begins with its lists; before that
 * the chain, the sum of the lists' bytes and a bound come first. In both the words prove themselves
 * and the place of the chain's links is where they lead to another cache that leads back.
 */
final class ThreadLists {
  private static final int LIST_BYTES = 32;
  private static final int OLD_LIST_BYTES = 24;
  private static final int SIZE = 24;

  /** Where the lists can begin in a cache of before 2.6, behind its links, sums and sampler. */
  private static final int OLD_LISTS_MAX = 96;

  private static final int OLD_SUM = 16;
  private static final int LINK_BYTES_MAX = 512;
  private static final int CACHES_MAX = 1 << 16;

  private final Words words;
  private final SizeMap sizes;
  private final AddressSpace space;

  /** Bytes before the first list. */
  private int lists;

  private int listBytes = LIST_BYTES;

  /** Bytes before the address of the next cache, -1 where it is not known. */
  private int next = -1;

  private List<Long> caches = List.of();
  private boolean isCut;

  ThreadLists(Words words, SizeMap sizes, AddressSpace space) {
    this.words = words;
    this.sizes = sizes;
    this.space = space;
  }

  /** Whether the caches were found. */
  boolean areKnown() {
    return !caches.isEmpty();
  }

  /** Whether not all of them could be followed. */
  boolean isCut() {
    return isCut;
  }

  /** Addresses of the caches. */
  List<Long> caches() {
    return caches;
  }

  /** Finds them through the variable that points to one of the chain. */
  void find(DataSegment data, long bytesMax) {
    words.search(
        data,
        bytesMax,
        (address, word) -> {
          if (isCache(word)) {
            caches = chain(word);
          }
          return caches.isEmpty();
        });
  }

  private boolean isCache(long address) {
    long bytes = (long) LIST_BYTES * sizes.capacity();
    if (address <= 0 || (address & 15) != 0 || space.anonymous().endOf(address) < address + bytes) {
      return false;
    }
    return sizes.isOld() ? isOldCache(address) : saysItsSizes(address);
  }

  private boolean saysItsSizes(long address) {
    for (int i = 1; i < sizes.classes(); i++) {
      if (words.intAt(address + (long) LIST_BYTES * i + SIZE) != sizes.size(i)) {
        return false;
      }
    }
    return true;
  }

  /** Whether its lists hold as many bytes as it says. */
  private boolean isOldCache(long address) {
    long sum = words.at(address + OLD_SUM);
    listBytes = OLD_LIST_BYTES;
    next = 0;
    for (lists = OLD_SUM + 16; lists <= OLD_LISTS_MAX; lists += 8) {
      long bytes = 0;
      boolean holds = true;
      for (int i = 1; i < sizes.classes() && holds; i++) {
        int length = length(address, i);
        holds = length >= 0 && (length == 0) == (head(address, i) == 0);
        bytes += (long) length * sizes.size(i);
      }
      if (holds && bytes == sum && maxLength(address) > 0) {
        return true;
      }
    }
    return false;
  }

  /** A list that was never used may hold one object. */
  private int maxLength(long cache) {
    int least = Integer.MAX_VALUE;
    for (int i = 0; i < sizes.classes(); i++) {
      least = Math.min(least, words.intAt(list(cache, i) + 16));
    }
    return least;
  }

  /** All caches from the first of the chain on; one of them is given. */
  private List<Long> chain(long cache) {
    next = next < 0 ? findLinks(cache) : next;
    if (next < 0) {
      return List.of(cache);
    }
    long first = cache;
    Set<Long> seen = new HashSet<>();
    while (seen.add(first) && seen.size() < CACHES_MAX) {
      long before = words.at(first + next + 8);
      if (before == 0 || !isCache(before)) {
        break;
      }
      first = before;
    }
    seen.clear();
    List<Long> chain = new ArrayList<>();
    long at = first;
    while (at != 0) {
      if (chain.size() >= CACHES_MAX || !isCache(at) || !seen.add(at)) {
        isCut = true;
        break;
      }
      chain.add(at);
      at = words.at(at + next);
    }
    return chain;
  }

  /** Where the links are: they lead to another cache that leads back. */
  private int findLinks(long cache) {
    int end = LIST_BYTES * sizes.capacity();
    for (int at = end; at < end + LINK_BYTES_MAX; at += 8) {
      long after = words.at(cache + at);
      long before = words.at(cache + at + 8);
      if ((isCache(after) && words.at(after + at + 8) == cache)
          || (isCache(before) && words.at(before + at) == cache)) {
        return at;
      }
    }
    return -1;
  }

  private long list(long cache, int sizeClass) {
    return cache + lists + (long) listBytes * sizeClass;
  }

  /** Objects on a list. */
  int length(long cache, int sizeClass) {
    return words.intAt(list(cache, sizeClass) + 8);
  }

  /** The first object on a list, 0 when there is none. */
  long head(long cache, int sizeClass) {
    return words.at(list(cache, sizeClass));
  }
}
