package io.leakwatch.heap;

/**
 * The walk from chunk to chunk through one segment of a heap whose owner keeps allocating.
 *
 * <p>A chunk's header tells its size and, by the PREV_INUSE bit of the header behind it, whether it
 * is in use; a free one repeats its size at its end. The walk reads a window, follows the headers
 * in it and writes a journal of chunk addresses; the journal is summed up later, when no trouble
 * can reach back to it any more. The header of a chunk that leaves the window is read together with
 * the one behind it, by one call.
 *
 * <p>Where the target split, merged or moved something between two reads, a header makes no sense.
 * Then the walk goes back 4, 32, at last 200 chunks, reads end and top of the heap and the memory
 * again, and tries anew; a place that resists {@link #TRIES_MAX} tries is left and the walk looks
 * for the next address from which a chain of consistent headers starts ({@link ChainSearch}). What
 * lies between is booked as unknown. So are pages that are not present where a header should be,
 * and what the budget did not reach. Every turn either advances, or uses up a try, so the work is
 * bounded.
 *
 * <p>Of six threads that allocate at full speed this leaves less than a percent unknown. Windows of
 * a quarter megabyte are walked microseconds after they are read; a whole heap read at once would
 * tear in every second pass.
 */
final class ChunkWalk {
  static final int TRIES_MAX = 24;

  private static final int KEPT = 256;

  /** Tries after which a page where a header should be is taken to be absent or swapped. */
  private static final int ABSENT_TRIES = 4;

  /**
   * First window behind a large chunk, as the next one may be as large and only headers matter; and
   * first one after trouble, as a short copy is less likely to be torn.
   */
  private static final int SPARSE_WINDOW_BYTES = 8192;

  private static final long FENCE_BYTES_MAX = 64;
  private static final long NON_MAIN = 4;

  private final HeapMemory memory;
  private final Presence presence;
  private final Budget budget;
  private final int windowBytes;
  private final long[] words;
  private final long[] header = new long[2];
  private final long[] journal;

  private Segment segment;
  private ArenaTally tally;
  private int journaled;
  private long position;
  private long windowStart;
  private int windowWords;
  private int nextWindowBytes;
  private long worst;
  private int tries;
  private boolean finished;

  ChunkWalk(HeapMemory memory, Presence presence, Budget budget, int windowBytes) {
    this.memory = memory;
    this.presence = presence;
    this.budget = budget;
    this.windowBytes = windowBytes;
    this.words = new long[windowBytes / 8];
    this.nextWindowBytes = windowBytes;
    this.journal = new long[windowBytes / 32 * 2 + KEPT + 16];
    this.segment = Segment.ofMain(memory, 0, 0, 0, 0);
    this.tally =
        new ArenaTally(new SizeCensus(), presence, new CacheCandidates(0, 0), ChunkVisitor.NONE);
  }

  /** Walks a segment whose end and top have been read. */
  void walk(Segment toWalk, ArenaTally into) {
    segment = toWalk;
    tally = into;
    journaled = 0;
    position = segment.start();
    worst = 0;
    tries = 0;
    finished = false;
    dropWindow();
    tally.beginSegment(position);
    while (!finished) {
      if (budget.isExhausted() || presence.failure() != 0) {
        abandon();
      } else {
        advance();
      }
    }
  }

  private void advance() {
    if (position >= segment.end()) {
      trouble();
    } else if (position != segment.top() && !holds(position) && !load(position)) {
      skipAbsent();
    } else if (position == segment.top()) {
      finishAtTop();
    } else {
      chase();
      decide();
    }
  }

  /** Follows headers while they and the ones behind them lie in the window and make sense. */
  private void chase() {
    long[] w = words;
    long[] j = journal;
    int n = journaled;
    boolean main = segment.isMain();
    long bad = main ? 2 | 8 | NON_MAIN : 2 | 8;
    long needed = main ? 0 : NON_MAIN;
    long base = windowStart;
    long limit = Math.min(windowStart + windowWords * 8L - 16, segment.end() - 16);
    if (segment.holdsTop() && position <= segment.top()) {
      limit = Math.min(limit, segment.top());
    }
    int at = (int) ((position - base) >>> 3);
    int last = (int) Math.max(-1, (limit - base) >> 3);
    while (at < last) {
      long head = w[at + 1];
      long size = head & -8L;
      if (size < 32 || (head & bad) != 0 || size > (long) (last - at) << 3) {
        break;
      }
      int behind = at + (int) (size >>> 3);
      if ((w[behind + 1] & 1) != 0) {
        if ((head & needed) != needed) {
          break;
        }
        j[n++] = base + ((long) at << 3) | 1;
      } else {
        if (w[behind] != size) {
          break;
        }
        j[n++] = base + ((long) at << 3);
      }
      at = behind;
    }
    journaled = n;
    position = base + ((long) at << 3);
    if (position > worst) {
      tries = 0;
    }
  }

  /** At a header that the chase could not pass: it ends the heap, leaves the window, or is torn. */
  private void decide() {
    journal[journaled] = position;
    if (journaled > journal.length - windowBytes / 32 - 16) {
      commit(journaled - KEPT);
    }
    if (position == segment.top()) {
      return;
    }
    if (!holds(position)) {
      return;
    }
    long head = words[(int) ((position - windowStart) >>> 3) + 1];
    long size = head & -8L;
    long left = segment.end() - position;
    if (size <= 32 && left <= FENCE_BYTES_MAX && !segment.holdsTop()) {
      finishAtFence(left);
    } else if (size == 16 && segment.isMain() && left > 32) {
      foreignGap();
    } else if (size >= 32 && (head & (2 | 8)) == 0 && size <= left - 16) {
      leaveWindow(head, size);
    } else {
      trouble();
    }
  }

  /** Takes the window along to a chunk whose neighbour lies outside. */
  private void leaveWindow(long head, long size) {
    long behind = position + size;
    if (segment.holdsTop() && position < segment.top() && behind > segment.top()) {
      trouble();
      return;
    }
    if (behind + 16 <= windowStart + windowWords * 8L) {
      trouble();
      return;
    }
    long page = position & -HeapMemory.PAGE_BYTES;
    if (windowStart != page
        && behind + 16 - page <= windowBytes
        && load(position)
        && behind + 16 <= windowStart + windowWords * 8L) {
      return;
    }
    if (!loadBehind(position, behind)) {
      dropWindow();
      if (tries >= ABSENT_TRIES && !presence.isPresent(behind)) {
        gapTo(position, presence.nextPresent(behind, segment.end()));
      } else {
        trouble();
      }
      return;
    }
    int at = (int) ((behind - windowStart) >>> 3);
    boolean inUse = (words[at + 1] & 1) != 0;
    boolean consistent =
        header[1] == head
            && (inUse ? segment.isMain() || (head & NON_MAIN) != 0 : words[at] == size)
            && (!segment.isMain() || (head & NON_MAIN) == 0);
    if (!consistent) {
      trouble();
      return;
    }
    journal[journaled++] = inUse ? position | 1 : position;
    position = behind;
    journal[journaled] = position;
    if (position > worst) {
      tries = 0;
    }
  }

  private void finishAtTop() {
    if (memory.peek(position, header, 2) == 2) {
      long size = header[1] & -8L;
      if (size >= 16 && position + size == segment.end()) {
        commit(journaled);
        tally.endAtTop(position, size, segment.isMain());
        finished = true;
        return;
      }
    }
    dropWindow();
    trouble();
  }

  private void finishAtFence(long left) {
    commit(journaled);
    tally.overhead(left);
    tally.endSegment();
    finished = true;
  }

  /** Two fence posts inside the main heap: somebody else called sbrk in between. */
  private void foreignGap() {
    long at = position;
    commit(journaled);
    journaled = 0;
    long next = search(at + 32);
    long to = next < 0 ? segment.end() : next;
    tally.gap(at, 0);
    tally.overhead(to - at);
    resume(to, next < 0);
  }

  private void skipAbsent() {
    if (position >= segment.end()) {
      trouble();
      return;
    }
    if (tries >= ABSENT_TRIES && !presence.isPresent(position)) {
      gapTo(position, presence.nextPresent(position, segment.end()));
    } else {
      trouble();
    }
  }

  /** Reads again from some chunks back, as long as there are tries left. */
  private void trouble() {
    worst = Math.max(worst, position);
    tries++;
    if (tries > TRIES_MAX) {
      tries = 0;
      long from = position;
      if (from >= segment.end()) {
        commit(journaled);
        tally.endSegment();
        finished = true;
      } else {
        gapTo(from, from + 16);
      }
      return;
    }
    int back = tries <= 8 ? 4 : tries <= 16 ? 32 : 200;
    rewind(Math.min(back, journaled));
    if (!segment.refresh() && tries >= ABSENT_TRIES && segment.isGone()) {
      vanish();
      return;
    }
    nextWindowBytes = SPARSE_WINDOW_BYTES;
    long bound = segment.holdsTop() ? Math.min(segment.top(), segment.end()) : segment.end();
    while (position > bound && journaled > 0) {
      rewind(1);
    }
    presence.forget();
    dropWindow();
  }

  private void rewind(int chunks) {
    journaled -= chunks;
    if (chunks > 0) {
      position = journal[journaled] & -16L;
    }
    journal[journaled] = position;
  }

  /** Books everything up to the next consistent chain at or behind an address as unknown. */
  private void gapTo(long from, long searchFrom) {
    journal[journaled] = from;
    commit(journaled);
    journaled = 0;
    long next = search(searchFrom);
    long to = next < 0 ? Math.max(from, segment.end()) : next;
    tally.gap(from, to - from);
    resume(to, next < 0);
  }

  private void resume(long at, boolean atEnd) {
    position = at;
    worst = at;
    tries = 0;
    if (atEnd) {
      tally.endSegment();
      finished = true;
    }
  }

  /** The heap was given back to the kernel meanwhile: what is left of it is nothing. */
  private void vanish() {
    commit(journaled);
    tally.endSegment();
    finished = true;
  }

  private void abandon() {
    journal[journaled] = position;
    commit(journaled);
    tally.gap(position, Math.max(0, segment.end() - position));
    tally.endSegment();
    finished = true;
  }

  /** The next address from which a consistent chain starts, window by window; -1 for none. */
  private long search(long from) {
    long at = from + 15 & -16L;
    while (at < segment.end() && !budget.isExhausted() && presence.failure() == 0) {
      at = presence.nextPresent(at, segment.end());
      if (at >= segment.end()) {
        return -1;
      }
      if (at == segment.top()) {
        return at;
      }
      if (!load(at)) {
        presence.forget();
        at = (at & -HeapMemory.PAGE_BYTES) + HeapMemory.PAGE_BYTES;
        continue;
      }
      long found = ChainSearch.find(words, windowWords, windowStart, at, segment);
      if (found >= 0) {
        return found;
      }
      at = windowStart + windowWords * 8L;
    }
    return -1;
  }

  private void commit(int count) {
    if (count <= 0) {
      return;
    }
    tally.commit(journal, count);
    System.arraycopy(journal, count, journal, 0, journaled - count + 1);
    journaled -= count;
  }

  private boolean holds(long address) {
    return address >= windowStart && address + 16 <= windowStart + windowWords * 8L;
  }

  private void dropWindow() {
    windowStart = 0;
    windowWords = 0;
  }

  /** Reads the window that starts with the address' page. */
  private boolean load(long address) {
    long start = address & -HeapMemory.PAGE_BYTES;
    long until = presence.presentUntil(start, Math.min(segment.end(), start + nextWindowBytes));
    nextWindowBytes = Math.min(windowBytes, nextWindowBytes * 2);
    dropWindow();
    if (until <= address) {
      return false;
    }
    int count = memory.read(start, words, (int) ((until - start) >>> 3));
    budget.spend(Math.max(8, count * 8L));
    if (count <= 0) {
      return false;
    }
    windowStart = start;
    windowWords = count;
    return holds(address);
  }

  /** Reads one header and the window that starts with another address' page by one call. */
  private boolean loadBehind(long headerAddress, long address) {
    if (address - headerAddress > windowBytes / 8) {
      nextWindowBytes = SPARSE_WINDOW_BYTES;
    }
    long start = address & -HeapMemory.PAGE_BYTES;
    long until = presence.presentUntil(start, Math.min(segment.end(), start + nextWindowBytes));
    dropWindow();
    if (until <= address) {
      return false;
    }
    int wanted = (int) ((until - start) >>> 3);
    int count = memory.readWithHeader(headerAddress, header, start, words, wanted);
    budget.spend(Math.max(8, count * 8L));
    if (count <= 0) {
      return false;
    }
    windowStart = start;
    windowWords = count;
    return holds(address);
  }
}
