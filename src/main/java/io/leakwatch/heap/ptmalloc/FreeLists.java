package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.proc.memory.AddressList;
import io.leakwatch.proc.memory.AddressRanges;

/**
 * Follows the free lists whose chunks look in use: fastbins and tcaches.
 *
 * <p>Since 2.32 such a list's links are mangled: stored is the pointer xor the page number of the
 * place where it is stored ("safe-linking"). Which of the two a process does shows at the first
 * link that makes sense one way only: a plain null is 0, a mangled one is not.
 *
 * <p>Lists change while they are followed. A chunk that has not the size its bin demands, or lies
 * outside the heaps, ends its list; so does a bound on entries over all lists, and what it cuts is
 * reported.
 */
final class FreeLists {
  private static final int FASTBIN_LENGTH_MAX = 1 << 22;

  /** Receives what a list holds. */
  @FunctionalInterface
  interface Receiver {
    /** Takes a chunk's address and size. */
    void chunk(long address, long chunkBytes);
  }

  private final PageCache pages;
  private final AddressRanges heaps;
  private final long[] words = new long[4];
  private int entriesLeft;
  private int plainVotes;
  private int mangledVotes;
  private boolean cut;
  private boolean broken;

  FreeLists(PageCache pages, AddressRanges heaps, int entriesMax) {
    this.pages = pages;
    this.heaps = heaps;
    this.entriesLeft = entriesMax;
  }

  /** Whether the bound on entries ended a list. */
  boolean isCut() {
    return cut;
  }

  /** Whether a list changed under the reader's hands or made no sense. */
  boolean isBroken() {
    return broken;
  }

  /** The chunks in an arena's fastbins, sorted by address. */
  long[] fastbins(MallocState state) {
    AddressList found = new AddressList(64);
    for (int bin = 0; bin < GlibcLayout.FASTBINS; bin++) {
      long chunk = state.fastbin(bin);
      int length = 0;
      while (chunk != 0 && length++ < FASTBIN_LENGTH_MAX) {
        if (entriesLeft == 0) {
          cut = true;
          break;
        }
        if ((chunk & 15) != 0
            || !heaps.contains(chunk)
            || !pages.words(chunk, words, 3)
            || (words[1] & -8L) != 32 + 16L * bin) {
          broken = true;
          break;
        }
        entriesLeft--;
        found.add(chunk);
        chunk = follow(chunk + 16, words[2]);
      }
    }
    return found.sorted();
  }

  /**
   * The chunks in a tcache.
   *
   * @param chunk the tcache's own chunk, header first
   * @return false when this is no tcache
   */
  boolean tcache(TcacheLayout layout, long[] chunk, Receiver receiver) {
    for (int bin = 0; bin < layout.bins(); bin++) {
      long entry = chunk[layout.entriesWord() + bin];
      int count = layout.count(chunk, bin);
      boolean listed = entry != 0;
      if ((layout.countsEntries() && listed != (count > 0)) || (listed && !isEntry(entry, bin))) {
        return false;
      }
    }
    for (int bin = 0; bin < layout.bins(); bin++) {
      long entry = chunk[layout.entriesWord() + bin];
      int bound = layout.countsEntries() ? layout.count(chunk, bin) : TcacheLayout.COUNT_MAX;
      for (int n = 0; n < bound && entry != 0; n++) {
        if (entriesLeft == 0) {
          cut = true;
          return true;
        }
        if (!isEntry(entry, bin)) {
          broken = true;
          break;
        }
        entriesLeft--;
        receiver.chunk(entry - 16, words[1] & -8L);
        entry = follow(entry, words[2]);
      }
    }
    return true;
  }

  /** Whether memory of a chunk that may be in this bin starts here; leaves its words behind. */
  private boolean isEntry(long entry, int bin) {
    if ((entry & 15) != 0 || !heaps.contains(entry) || !pages.words(entry - 16, words, 3)) {
      return false;
    }
    long size = words[1] & -8L;
    return bin < TcacheLayout.SMALL_BINS
        ? size == TcacheLayout.smallBinChunkBytes(bin)
        : size > TcacheLayout.smallBinChunkBytes(TcacheLayout.SMALL_BINS - 1) && size % 16 == 0;
  }

  private long follow(long field, long stored) {
    long demangled = stored ^ field >>> 12;
    boolean plain = stored == 0 || isAligned(stored);
    boolean mangled = demangled == 0 || isAligned(demangled);
    if (plain && !mangled) {
      plainVotes++;
    } else if (mangled && !plain) {
      mangledVotes++;
    }
    return mangledVotes > plainVotes ? demangled : stored;
  }

  private boolean isAligned(long pointer) {
    return (pointer & 15) == 0 && heaps.contains(pointer);
  }
}
