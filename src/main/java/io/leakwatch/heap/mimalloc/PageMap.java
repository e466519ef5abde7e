package io.leakwatch.heap.mimalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.Words;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * mimalloc 3's map from each slice of 64 KiB to the page that it belongs to: a table of parts, one
 * for 512 MiB of addresses each ({@code _mi_page_map} in src/page-map.c). What a page says of
 * itself must fit its place in the map, and the number of slices that the map has for it follows
 * from its blocks, which checks what was read. Pages lie in arenas, whose slices without a page are
 * free or hold descriptions of threads.
 */
final class PageMap implements PageSource {
  /** What is larger is in the map with its beginning only. */
  static final long MAPPED_BYTES_MAX = 4 << 20;

  static final int PART_SHIFT = 29;
  private static final int PART_ENTRIES = 8192;
  private static final int PIECE = 512;
  private static final int PARTS_MAX = 1 << 16;
  private static final int ARENA_WORDS = 9;

  /** Where an arena may say how many slices it has, and next how many describe it. */
  private static final int[] SLICES_AT = {4, 5, 6};

  private final Words words;
  private final AddressSpace space;
  private final MappedPageLayout layout;
  private final long root;
  private final long[] description = new long[MappedPageLayout.WORDS];
  private final long[] piece = new long[PIECE];
  private final long[] arenaWords = new long[ARENA_WORDS];
  private long consistent;
  private long torn;
  private long counted;
  private long said;
  private long openEnd;
  private long cursor;
  private long openStart = -1;
  private MappedPageLayout.@Nullable Found pending;

  /**
   * A map.
   *
   * @param root the first entry of the table
   */
  PageMap(Words words, AddressSpace space, MappedPageLayout layout, long root) {
    this.words = words;
    this.space = space;
    this.layout = layout;
    this.root = root;
  }

  @Override
  public String versions() {
    return layout.versions();
  }

  /** A huge page brings in slices that were never used, which mimalloc has nothing to do with. */
  @Override
  public boolean givesBack() {
    return false;
  }

  @Override
  public String note() {
    return "how much of the free memory mi_collect(true) would give back is not known";
  }

  @Override
  public double coverage() {
    return consistent == 0 ? 0 : (double) consistent / (consistent + torn);
  }

  @Override
  public double selfCheck() {
    return said == 0 ? Double.NaN : (double) counted / said;
  }

  @Override
  public void walk(Receiver receiver) {
    Entries entries = new Entries(receiver);
    long next = 0;
    int left = PARTS_MAX;
    for (int i = 0; i < space.anonymous().count(); i++) {
      long part = Math.max(next, space.anonymous().start(i) >>> PART_SHIFT);
      long last = (space.anonymous().end(i) - 1) >>> PART_SHIFT;
      for (; part <= last && left-- > 0; part++) {
        part(part, entries);
      }
      next = Math.max(next, last + 1);
    }
    entries.finish();
    if (pending != null) {
      show(pending, receiver);
    }
    close(receiver);
  }

  private void part(long number, Entries entries) {
    long part = words.at(root + 8 * number);
    if (!space.anonymous().contains(part)) {
      return;
    }
    for (int from = 0; from < PART_ENTRIES; from += PIECE) {
      Arrays.fill(piece, 0);
      if (words.read(part + 8L * from, piece, PIECE)) {
        for (int i = 0; i < PIECE; i++) {
          entries.add((number << PART_SHIFT) + (from + i) * MimallocPage.SLICE_BYTES, piece[i]);
        }
      }
    }
  }

  /** Puts the entries of one page together. */
  private final class Entries {
    private final Receiver receiver;
    private long page;
    private long slice;
    private int count;

    Entries(Receiver receiver) {
      this.receiver = receiver;
    }

    void add(long at, long entry) {
      if (entry != page) {
        finish();
        page = entry;
        slice = at;
        count = 0;
      }
      count++;
    }

    void finish() {
      if (page == 0) {
        return;
      }
      if (MappedPageLayout.isGone(page, slice) || isInTail(slice)) {
        return;
      }
      boolean isRead = words.read(page, description, description.length);
      if (isRead && layout.isUnused(description)) {
        return;
      }
      MappedPageLayout.Found found = isRead ? layout.page(description, page, slice) : null;
      if (found == null) {
        torn++;
        return;
      }
      consistent++;
      counted += Math.min(count, found.mapEntries());
      said += found.mapEntries();
      take(found, receiver);
    }
  }

  /**
   * Whether a slice is one of the page before that the map does not show, as that one is larger:
   * what the map has there is left of a page that was freed.
   */
  private boolean isInTail(long slice) {
    if (pending == null) {
      return false;
    }
    long shown = pending.mapEntries() * MimallocPage.SLICE_BYTES;
    return slice >= pending.page().address() + shown && slice < pending.page().end();
  }

  /** Shows the page before it, unless that one's memory is this one's by now. */
  private void take(MappedPageLayout.Found found, Receiver receiver) {
    if (pending != null && pending.page().end() <= found.page().address()) {
      show(pending, receiver);
    }
    pending = found;
  }

  private void show(MappedPageLayout.Found found, Receiver receiver) {
    MimallocPage page = found.page();
    if (found.start() != openStart || page.end() > openEnd) {
      close(receiver);
      open(found, receiver);
    }
    if (page.address() < cursor) {
      return; // It changed under the walk.
    }
    gap(page.address(), receiver);
    receiver.page(page);
    cursor = page.end();
  }

  private void open(MappedPageLayout.Found found, Receiver receiver) {
    MimallocPage page = found.page();
    long first = Math.max(cursor, page.address());
    long start = first;
    long end = page.end();
    if (found.arena() != 0 && words.read(found.arena(), arenaWords, ARENA_WORDS)) {
      for (int at : SLICES_AT) {
        long slices = arenaWords[at];
        long own = arenaWords[at + 1];
        long arenaEnd = found.start() + slices * MimallocPage.SLICE_BYTES;
        boolean holds =
            own > 0
                && own < slices
                && slices <= arenaWords[1] / MimallocPage.SLICE_BYTES
                && arenaEnd >= page.end()
                && found.start() + own * MimallocPage.SLICE_BYTES <= page.address()
                && found.start() >= cursor;
        if (holds) {
          start = found.start();
          first = start + own * MimallocPage.SLICE_BYTES;
          end = arenaEnd;
          break;
        }
      }
    }
    receiver.segment(start, first, end);
    openStart = found.start();
    openEnd = end;
    cursor = first;
  }

  private void close(Receiver receiver) {
    if (openStart >= 0) {
      gap(openEnd, receiver);
      openStart = -1;
    }
  }

  private void gap(long until, Receiver receiver) {
    if (until > cursor) {
      receiver.page(MimallocPage.free(cursor, until));
      cursor = until;
    }
  }
}
