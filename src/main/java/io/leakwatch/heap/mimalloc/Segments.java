package io.leakwatch.heap.mimalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.Words;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds mimalloc's segments and reads the pages in them. A segment lies at a multiple of 32 MiB and
 * has 512 slices, or more where it is one large block; it begins with a description of itself and
 * of each slice ({@code mi_segment_t} in include/mimalloc/types.h). Where the descriptions begin
 * differs between releases: it is where the first one has as many slices as the segment says that
 * its description takes, and where one page follows another up to the last slice.
 */
final class Segments implements PageSource {
  private static final String DELAYED =
      "what one thread freed in another one's full page counts as in use until that one allocates";

  private static final long SEGMENT_BYTES = 32L << 20;
  private static final int SLICES = 512;
  private static final int HEAD_WORDS = 48;
  private static final int FIRST_MIN = 25;
  private static final int FIRST_MAX = 40;
  private static final int OWN_SLICES_MAX = 8;
  private static final int COUNT_MAX = 1 << 20;

  private final Words words;
  private final AddressSpace space;
  private final MimallocLayout layout;
  private final long[] head = new long[HEAD_WORDS];
  private final long[] page;
  private long consistent;
  private long torn;
  private long counted;
  private long said;

  Segments(Words words, AddressSpace space, MimallocLayout layout) {
    this.words = words;
    this.space = space;
    this.layout = layout;
    this.page = new long[layout.bytes() / 8];
  }

  @Override
  public String versions() {
    return layout.versions();
  }

  @Override
  public boolean givesBack() {
    return true;
  }

  @Override
  public String note() {
    return DELAYED;
  }

  /** Share of the segments met that were read to their ends. */
  @Override
  public double coverage() {
    return consistent == 0 ? 0 : (double) consistent / (consistent + torn);
  }

  /** Pages in use as they were counted over those that the segments say. */
  @Override
  public double selfCheck() {
    return said == 0 ? Double.NaN : (double) counted / said;
  }

  @Override
  public void walk(Receiver receiver) {
    long next = 0;
    int left = COUNT_MAX;
    for (int i = 0; i < space.anonymous().count(); i++) {
      long at = Math.max(next, space.anonymous().start(i) + SEGMENT_BYTES - 1 & -SEGMENT_BYTES);
      long end = space.anonymous().end(i);
      while (at > 0 && at < end && left-- > 0) {
        next = segment(at, receiver);
        at = next;
      }
    }
  }

  /** Returns where the next one may begin. */
  private long segment(long at, Receiver receiver) {
    if (!words.read(at, head, HEAD_WORDS)) {
      return at + SEGMENT_BYTES;
    }
    for (int first = FIRST_MIN; first <= FIRST_MAX; first++) {
      long slices = head[first - 5];
      long own = head[first - 4];
      long entries = head[first - 2];
      boolean holds =
          own > 0
              && own <= OWN_SLICES_MAX
              && slices > own
              && isMapped(at, slices)
              && entries > own
              && entries <= Math.min(SLICES, slices)
              && head[first] == own; // That many slices, at no distance from their first one.
      if (holds) {
        long end = at + slices * MimallocPage.SLICE_BYTES;
        List<MimallocPage> pages = pages(at, first, (int) own, (int) entries, slices);
        if (pages.isEmpty()) {
          torn++;
          return at + SEGMENT_BYTES;
        }
        consistent++;
        said += head[first - 7];
        receiver.segment(at, pages.get(0).address(), end);
        for (MimallocPage one : pages) {
          counted += one.isFree() ? 0 : 1;
          receiver.page(one);
        }
        return end + SEGMENT_BYTES - 1 & -SEGMENT_BYTES;
      }
    }
    return at + SEGMENT_BYTES;
  }

  /** A segment that is one large block is mapped whole; of others a part may have no access. */
  private boolean isMapped(long at, long slices) {
    return slices <= SLICES
        || (space.anonymous().endOf(at) - at) / MimallocPage.SLICE_BYTES >= slices;
  }

  /** The pages, which must fill the segment; none where they do not. */
  private List<MimallocPage> pages(long at, int first, int own, int entries, long slices) {
    List<MimallocPage> pages = new ArrayList<>();
    int index = own;
    while (index < entries) {
      long description = at + 8L * first + (long) layout.bytes() * index;
      if (!words.read(description, page, page.length)) {
        return List.of();
      }
      long count = page[0] & 0xffffffffL;
      boolean isLargest = index == own && count > entries;
      if (page[0] >>> 32 != 0 || count == 0 || (!isLargest && index + count > entries)) {
        return List.of();
      }
      long address = at + index * MimallocPage.SLICE_BYTES;
      pages.add(layout.page(page, address, (int) Math.min(count, slices - index)));
      index += (int) Math.min(count, entries);
    }
    return pages;
  }
}
