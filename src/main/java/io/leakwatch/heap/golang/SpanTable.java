package io.leakwatch.heap.golang;

import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.heap.memory.Presence;

/**
 * A runtime's array of all its spans ({@code mheap_.allspans}), as it was found. The runtime moves
 * it into a larger one when it grows, and writes to spans while they are read: each span is read
 * twice, and what changed in between is left out.
 */
final class SpanTable {
  static final long PAGE_BYTES = 8192;

  static final int IN_USE = 1;
  static final int MANUAL = 2;

  private static final int STATES = 4;
  private static final long PAGES_MAX = 1L << 30;

  private final PageCache pages;
  private final Presence presence;
  private final long array;
  private final long count;
  private final SpanLayout layout;
  private final long[] pointer = new long[1];
  private final long[] words = new long[SpanLayout.WORDS];
  private int left;
  private int torn;

  SpanTable(PageCache pages, Presence presence, long array, long count, SpanLayout layout) {
    this.pages = pages;
    this.presence = presence;
    this.array = array;
    this.count = count;
    this.layout = layout;
  }

  /** Receives spans that hold something. */
  @FunctionalInterface
  interface Receiver {
    void span(long[] words);
  }

  SpanLayout layout() {
    return layout;
  }

  long count() {
    return count;
  }

  /** Share of the spans that made sense. */
  double coverage() {
    return left + torn == 0 ? 0 : (double) left / (left + torn);
  }

  /** Whether its first elements are what spans of this layout look like. */
  boolean proves(int elements) {
    int live = 0;
    int dead = 0;
    int tried = (int) Math.min(count, elements);
    for (int i = 0; i < tried; i++) {
      if (!load(i)) {
        return false;
      }
      if (isDead()) {
        dead++;
      } else if (isSound()) {
        live++;
      }
    }
    return live >= 4 && live + dead >= tried * 0.95;
  }

  private boolean load(long i) {
    return pages.words(array + 8 * i, pointer, 1)
        && (pointer[0] & 7) == 0
        && pointer[0] > 0
        && (pages.words(pointer[0], words, words.length) || loadUntouched(pointer[0]));
  }

  /** Spans that processors hold ready were never written to: their pages need not be there. */
  private boolean loadUntouched(long span) {
    long[] word = new long[1];
    for (int i = 0; i < words.length; i++) {
      long place = span + 8L * i;
      if (pages.words(place, word, 1)) {
        words[i] = word[0];
      } else if (presence.isPresent(place) || presence.swappedBytes(place, place + 8) > 0) {
        return false;
      } else {
        words[i] = 0;
      }
    }
    return true;
  }

  private boolean isDead() {
    int state = layout.state(words);
    long start = layout.start(words);
    return (state == 0 || state == 3) && (start & PAGE_BYTES - 1) == 0;
  }

  private boolean isSound() {
    int state = layout.state(words);
    long start = layout.start(words);
    long spanPages = layout.pages(words);
    if (start <= 0
        || (start & PAGE_BYTES - 1) != 0
        || spanPages <= 0
        || spanPages >= PAGES_MAX
        || (state != IN_USE && state != MANUAL)) {
      return false;
    }
    if (state == MANUAL) {
      return true;
    }
    long elements = layout.elements(words);
    long limit = layout.limit(words);
    return elements > 0
        && elements <= spanPages * PAGE_BYTES / 8
        && layout.allocated(words) <= elements
        && limit > start
        && limit <= start + spanPages * PAGE_BYTES
        && layout.elementBytes(words) > 0
        && layout.elementBytes(words) <= spanPages * PAGE_BYTES;
  }

  /** Hands over every span that holds something. */
  void walk(Receiver receiver) {
    walk(count, receiver);
  }

  /** The same of the first elements only. */
  void walk(long elementsMax, Receiver receiver) {
    left = 0;
    torn = 0;
    for (long i = 0; i < Math.min(count, elementsMax); i++) {
      if (!load(i)) {
        torn++;
        continue;
      }
      int state = layout.state(words);
      if (state < STATES && isDead()) {
        left++;
      } else if (isSound()) {
        left++;
        receiver.span(words);
      } else {
        torn++;
      }
    }
  }
}
