package io.leakwatch.heap.golang;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.heap.memory.Variables;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds and counts the goroutines of a runtime by what made them. {@code runtime.allgs} is a slice
 * among the variables like that of the spans; each element must have a state that exists, and
 * addresses of code where those of code belong. The longest such slice is it. Dead ones stay in it
 * for ever and are not counted.
 */
final class Goroutines {
  private static final int SLICE_WORDS = 3;
  private static final long LENGTH_MAX = 1L << 26;
  private static final int PROOFS = 64;
  private static final long COUNTED_MAX = 200_000;
  private static final int GROUPS_MAX = 100;

  private final Variables variables;
  private final AddressSpace space;
  private final PageCache pages;
  private final FunctionNames names;
  private final WaitReasons reasons;
  private final long[] pointer = new long[1];
  private final long[] words = new long[GoroutineLayout.WORDS];
  private @Nullable GoroutineLayout layout;
  private long array;
  private long length;

  Goroutines(
      Variables variables,
      AddressSpace space,
      PageCache pages,
      FunctionNames names,
      WaitReasons reasons) {
    this.variables = variables;
    this.space = space;
    this.pages = pages;
    this.names = names;
    this.reasons = reasons;
  }

  private record Key(long createdAt, long startsAt, int status, int waitReason) {}

  /** The groups, most goroutines first, at most a hundred; none where the slice was not found. */
  List<GoroutineGroup> in(AddressSpace.DataSegment data) {
    variables.search(data, SLICE_WORDS, this::search);
    GoroutineLayout known = layout;
    if (known == null) {
      return List.of();
    }
    Map<Key, long[]> counts = new HashMap<>();
    long step = Math.max(1, length / COUNTED_MAX);
    for (long i = 0; i < length; i += step) {
      if (load(array + 8 * i)
          && known.hasStatus(words)
          && known.status(words) != GoroutineLayout.DEAD
          && known.startsAt(words) != 0) {
        int status = known.status(words);
        long[] sums =
            counts.computeIfAbsent(
                new Key(
                    known.createdAt(words),
                    known.startsAt(words),
                    status,
                    status == WaitReasons.WAITING ? known.waitReason(words) : 0),
                key -> new long[2]);
        sums[0] += step;
        sums[1] += step * Math.max(0, known.stackHigh(words) - known.stackLow(words));
      }
    }
    List<GoroutineGroup> groups = new ArrayList<>();
    counts.forEach((key, sums) -> groups.add(group(key, sums)));
    groups.sort(Comparator.comparingLong(GoroutineGroup::count).reversed());
    return List.copyOf(groups.subList(0, Math.min(GROUPS_MAX, groups.size())));
  }

  private GoroutineGroup group(Key key, long[] sums) {
    String created = key.createdAt() == 0 ? "the runtime" : names.of(key.createdAt() - 1);
    return new GoroutineGroup(
        created,
        names.of(key.startsAt()),
        WaitReasons.state(key.status()),
        key.status() == WaitReasons.WAITING ? reasons.of(key.waitReason()) : "",
        sums[0],
        sums[1]);
  }

  private boolean search(long address, long[] window, int count) {
    for (int i = 0; i + SLICE_WORDS <= count; i++) {
      if (window[i + 1] > length
          && window[i + 1] <= window[i + 2]
          && window[i + 2] < LENGTH_MAX
          && (window[i] & 7) == 0
          && space.anonymous().endOf(window[i]) >= window[i] + 8 * window[i + 2]) {
        prove(window[i], window[i + 1]);
      }
    }
    return true;
  }

  private void prove(long candidate, long candidateLength) {
    for (GoroutineLayout one : GoroutineLayout.values()) {
      int tried = (int) Math.min(PROOFS, candidateLength);
      int sound = 0;
      int live = 0;
      for (int i = 0; i < tried; i++) {
        if (load(candidate + 8L * i) && isSound(one)) {
          sound++;
          live += one.startsAt(words) != 0 ? 1 : 0;
        }
      }
      if (live > 0 && sound >= Math.max(1, tried * 0.9)) {
        layout = one;
        array = candidate;
        length = candidateLength;
        return;
      }
    }
  }

  private boolean load(long place) {
    return pages.words(place, pointer, 1)
        && pointer[0] > 0
        && (pointer[0] & 7) == 0
        && pages.words(pointer[0], words, words.length);
  }

  private boolean isSound(GoroutineLayout one) {
    long created = one.createdAt(words);
    long starts = one.startsAt(words);
    boolean isDead = one.status(words) == GoroutineLayout.DEAD;
    return one.hasStatus(words)
        && (created == 0 || names.isCode(created))
        && (names.isStart(starts) || (isDead && starts == 0))
        && (isDead || one.stackLow(words) < one.stackHigh(words));
  }
}
