package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.WalkWindow;
import java.nio.LongBuffer;

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
 * again, and tries again; a place that resists {@link #TRIES_MAX} tries is left and the walk
 * searches for the next address from which a chain of consistent headers starts ({@link
 * ChainSearch}). What lies between is booked as unknown. So are pages that are not present where a
 * header should be, and what the budget did not reach. Every turn either advances, or uses up a
 * try, so the work is bounded.
 *
 * <p>Of six threads that allocate at full speed this leaves less than a percent unknown. Windows of
 * a quarter megabyte are walked microseconds after they are read; a whole heap read at once would
 * tear in every second pass.
 */
public final class ChunkWalk {
  static final int TRIES_MAX = 24;

  /** Tries after which a page where a header should be is taken to be absent or swapped. */
  private static final int ABSENT_TRIES = 4;

  private static final long FENCE_BYTES_MAX = 64;
  private static final long NON_MAIN = 4;

  private final HeapMemory memory;
  private final Presence presence;
  private final ByteBudget budget;
  private final WalkWindow window;
  private final ChunkJournal journal;
  private final ChainSearch chains;
  private final long[] header = new long[2];

  private Segment segment;
  private ArenaTally tally;
  private long position;
  private long worst;
  private int tries;
  private boolean finished;

  public ChunkWalk(HeapMemory memory, Presence presence, ByteBudget budget, int windowBytes) {
    this.memory = memory;
    this.presence = presence;
    this.budget = budget;
    this.window = new WalkWindow(memory, presence, budget, windowBytes);
    this.journal = new ChunkJournal(window.greatestBytes());
    this.chains = new ChainSearch(window, presence, budget, memory.pageBytes());
    this.segment = Segment.ofRegion(memory, 0, 0, 0);
    this.tally =
        new ArenaTally(new SizeCensus(), presence, new CacheCandidates(0, 0), ObjectVisitor.NONE);
  }

  /** Walks a segment whose end and top have been read. */
  public void walk(Segment toWalk, ArenaTally into) {
    segment = toWalk;
    tally = into;
    journal.clear();
    finished = false;
    window.drop();
    standAt(segment.start());
    tally.beginSegment(position, segment.base());
    while (!finished) {
      if (budget.isExhausted() || presence.failure() != 0) {
        abandon();
      } else {
        advance();
      }
    }
  }

  private void advance() {
    boolean behindTheEnd = position >= segment.end();
    if (behindTheEnd) {
      trouble();
    } else if (position == segment.top()) {
      finishAtTop();
    } else if (!window.holds(position) && !window.load(position, segment.end())) {
      absent(position);
    } else {
      chase();
      journal.makeRoom(tally);
      decide();
    }
  }

  /** Follows headers while they and the ones behind them lie in the window and make sense. */
  private void chase() {
    LongBuffer words = window.words();
    long[] entries = journal.entries();
    int n = journal.count();
    boolean main = segment.isMain();
    long bad = main ? 2 | 8 | NON_MAIN : 2 | 8;
    long needed = main ? 0 : NON_MAIN;
    long base = window.start();
    long limit = Math.min(window.end(), segment.end()) - 16;
    if (segment.holdsTop() && position <= segment.top()) {
      limit = Math.min(limit, segment.top());
    }
    int at = (int) ((position - base) >>> 3);
    int last = (int) Math.max(-1, (limit - base) >> 3);
    long head = words.get(at + 1);
    while (at < last) {
      long size = head & -8L;
      if (size < 32 || (head & bad) != 0 || size > (long) (last - at) << 3) {
        break;
      }
      int behind = at + (int) (size >>> 3);
      long headBehind = words.get(behind + 1);
      if ((headBehind & 1) != 0) {
        if ((head & needed) != needed) {
          break;
        }
        entries[n++] = base + ((long) at << 3) | 1;
      } else {
        if (words.get(behind) != size) {
          break;
        }
        entries[n++] = base + ((long) at << 3);
      }
      at = behind;
      head = headBehind;
    }
    position = base + ((long) at << 3);
    journal.grownTo(n, position);
    if (position > worst) {
      tries = 0;
    }
  }

  /** At a header that the chase could not pass: it ends the heap, leaves the window, or is torn. */
  private void decide() {
    if (position == segment.top() || !window.holds(position)) {
      return;
    }
    long head = window.word(position + 8);
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
    boolean passesTop = segment.holdsTop() && position < segment.top() && behind > segment.top();
    if (passesTop || behind + 16 <= window.end()) {
      trouble();
      return;
    }
    if (!window.startsAtPageOf(position)
        && window.couldHold(position, behind + 16)
        && window.load(position, segment.end())
        && behind + 16 <= window.end()) {
      return;
    }
    if (!window.loadBehind(position, behind, segment.end())) {
      window.drop();
      absent(behind);
      return;
    }
    boolean inUse = (window.word(behind + 8) & 1) != 0;
    boolean consistent =
        window.headBehind() == head
            && (inUse ? segment.isMain() || (head & NON_MAIN) != 0 : window.word(behind) == size)
            && (!segment.isMain() || (head & NON_MAIN) == 0);
    if (!consistent) {
      trouble();
      return;
    }
    journal.add(position, inUse, behind);
    position = behind;
    if (position > worst) {
      tries = 0;
    }
  }

  private void finishAtTop() {
    if (memory.peek(position, header, 2) == 2) {
      long size = header[1] & -8L;
      if (size >= 16 && position + size == segment.end()) {
        journal.flush(tally);
        tally.endAtTop(position, size, segment.isBrk());
        finished = true;
        return;
      }
    }
    window.drop();
    trouble();
  }

  private void finishAtFence(long left) {
    tally.overhead(left);
    finish();
  }

  /** Two fence posts inside the main heap: somebody else called sbrk in between. */
  private void foreignGap() {
    journal.flush(tally);
    long behindPosts = position + 32;
    long next = chains.next(behindPosts, segment);
    long to = next < 0 ? segment.end() : next;
    tally.gap(position, 0);
    tally.overhead(behindPosts - position);
    tally.foreign(behindPosts, to - behindPosts);
    resume(to, next < 0);
  }

  /** A page that must hold a header could not be read: torn at first, absent after some tries. */
  private void absent(long address) {
    if (tries >= ABSENT_TRIES && !presence.isPresent(address)) {
      gapTo(presence.nextPresent(address, segment.end()));
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
      if (position >= segment.end()) {
        finish();
      } else {
        gapTo(position + 16);
      }
      return;
    }
    position = journal.rewind(tries <= 8 ? 4 : tries <= 16 ? 32 : 200, position);
    if (!segment.refresh() && tries >= ABSENT_TRIES && segment.isGone()) {
      finish(); // It was given back to the kernel meanwhile: what is left of it is nothing.
      return;
    }
    long bound = segment.holdsTop() ? Math.min(segment.top(), segment.end()) : segment.end();
    while (position > bound && !journal.isEmpty()) {
      position = journal.rewind(1, position);
    }
    presence.forget();
    window.startSmall();
    window.drop();
  }

  /** Books everything up to the next consistent chain at or behind an address as unknown. */
  private void gapTo(long searchFrom) {
    journal.flush(tally);
    long next = chains.next(searchFrom, segment);
    long to = next < 0 ? Math.max(position, segment.end()) : next;
    tally.gap(position, to - position);
    resume(to, next < 0);
  }

  private void resume(long at, boolean atEnd) {
    standAt(at);
    if (atEnd) {
      finish();
    }
  }

  private void standAt(long at) {
    position = at;
    worst = at;
    tries = 0;
    journal.grownTo(journal.count(), at);
  }

  private void abandon() {
    journal.flush(tally);
    tally.gap(position, Math.max(0, segment.end() - position));
    finish();
  }

  private void finish() {
    journal.flush(tally);
    tally.endSegment(segment.end());
    finished = true;
  }
}
