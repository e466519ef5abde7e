package io.leakwatch.heap.mimalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.Words;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds mimalloc 3's map of pages: a variable of the library, or of the program that contains it,
 * points to a table that begins a page of memory, or lies a few words behind a page's beginning.
 * The table has a part for each stretch of 512 MiB, and the part has the pages in it. That a page's
 * description fits the place that the map gives it is not met by chance, so that no symbol and no
 * version is needed.
 */
final class PageMapSearch {
  private static final long VARIABLES_BYTES_MAX = 16L << 20;
  private static final int TABLES_MAX = 20_000;

  /** The part of address 0 follows the table, whose size depends on the bits of an address. */
  private static final long TABLE_BYTES_MAX = 8L << 20;

  private static final int STRETCHES_MAX = 512;

  /** Bytes of what 3.6 keeps in front of the table. */
  private static final int[] HEADS = {0, 80};

  private static final int PART_ENTRIES = 8192;

  /** Pages of a part that are looked at. */
  private static final int SAMPLE = 32;

  private final Words words;
  private final AddressSpace space;
  private final long[] part = new long[PART_ENTRIES / 16];
  private final long[] description = new long[MappedPageLayout.WORDS];
  private final Set<Long> tried = new HashSet<>();
  private @Nullable PageMap found;

  PageMapSearch(Words words, AddressSpace space) {
    this.words = words;
    this.space = space;
  }

  /** The map, null where there is none. */
  @Nullable PageMap find() {
    long pageMask = 4095;
    for (AddressSpace.DataSegment data : space.data()) {
      if (!data.libc() && found == null) {
        words.search(
            data,
            VARIABLES_BYTES_MAX,
            (address, word) -> {
              boolean isTable = (word & pageMask) == 0 && space.anonymous().contains(word);
              if (isTable && tried.size() < TABLES_MAX && tried.add(word)) {
                for (int head : HEADS) {
                  found = found == null ? table(word + head) : found;
                }
              }
              return found == null;
            });
      }
    }
    return found;
  }

  private @Nullable PageMap table(long table) {
    long ofNull = words.at(table);
    boolean follows = ofNull > table && ofNull - table <= TABLE_BYTES_MAX;
    if (!follows || space.anonymous().endOf(table) < ofNull) {
      return null;
    }
    long next = 0;
    int left = STRETCHES_MAX;
    for (int i = 0; i < space.anonymous().count() && left > 0; i++) {
      long number = Math.max(next, space.anonymous().start(i) >>> PageMap.PART_SHIFT);
      long last = (space.anonymous().end(i) - 1) >>> PageMap.PART_SHIFT;
      for (; number <= last && left-- > 0; number++) {
        long at = words.at(table + 8 * number);
        if (at > 0 && (at & 7) == 0 && space.anonymous().contains(at)) {
          MappedPageLayout layout = layout(at, number << PageMap.PART_SHIFT);
          if (layout != null) {
            return new PageMap(words, space, layout, table);
          }
        }
      }
      next = Math.max(next, last + 1);
    }
    return null;
  }

  /** The layout that most pages of a part fit, null where most fit none. */
  private @Nullable MappedPageLayout layout(long at, long base) {
    MappedPageLayout[] layouts = MappedPageLayout.values();
    int[] fits = new int[layouts.length];
    int pages = 0;
    long last = 0;
    for (int from = 0; from < PART_ENTRIES && pages < SAMPLE; from += part.length) {
      boolean isRead = words.read(at + 8L * from, part, part.length);
      for (int i = 0; isRead && i < part.length && pages < SAMPLE; i++) {
        long page = part[i];
        if (page != 0 && page != last) {
          pages++;
          long slice = base + (from + i) * MimallocPage.SLICE_BYTES;
          for (MappedPageLayout layout : layouts) {
            fits[layout.ordinal()] += fits(layout, page, slice) ? 1 : 0;
          }
        }
        last = page;
      }
    }
    MappedPageLayout best = null;
    for (MappedPageLayout layout : layouts) {
      int most = best == null ? pages / 2 : fits[best.ordinal()];
      best = fits[layout.ordinal()] > most ? layout : best;
    }
    return best;
  }

  private boolean fits(MappedPageLayout layout, long page, long slice) {
    return space.anonymous().contains(page)
        && words.read(page, description, description.length)
        && layout.page(description, page, slice) != null;
  }
}
