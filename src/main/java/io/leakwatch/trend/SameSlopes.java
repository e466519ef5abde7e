package io.leakwatch.trend;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the leak of a process that never lives long enough to show it: the same slope in each life.
 *
 * <p>Who restarts a leaking server every night has a new one each day, with a warm-up and some
 * hours behind it, in which no growth is old enough to be told. But a warm-up ends, a load turns,
 * and noise goes up in one life and down in the next, while a leak goes on at its own pace after
 * each restart. So the last three lives, the present one among them, or some more where the
 * evidence is thin, must share a straight line ({@link LivesFit}) of about the same slope in each.
 * An older life that lasted longer has seen where the line leads, and must have risen too: a cache
 * that fills is straight until it is full. Four lives are remembered, so that a new release that
 * leaks does not hide behind an old one that did not.
 *
 * <p>Some hours of a load are a straight line. So those lives must have seen nearly a whole cycle
 * between them, each of them a quarter of it; or the ended ones must have come near their limit,
 * for what runs out of memory does not live for hours. A leak that is small beside the swing of a
 * daily load is not found in this way.
 */
final class SameSlopes {
  private static final int REMEMBERED = 4;
  private static final int FEWEST = 3;
  private static final int FEWEST_FLOORS = 3;
  private static final double EVIDENT = 12;
  private static final double SAME = 0.5;
  private static final double SHORTEST_CYCLES = 0.25;
  private static final int PARTS_OF_CYCLE = 24;
  private static final int SEEN_PARTS = 22;
  private static final double NEAR_LIMIT = 0.7;
  private static final double YOUNGEST_SHARE = 0.5;
  private static final double LONGER = 1.5;
  private static final double WARM_UPS_PASSED = 3;

  private final TrendSettings settings;
  private final LifeProfile present;
  private final Deque<Life> ended = new ArrayDeque<>();
  private double birthSeconds;
  private double ageSeconds;
  private double limit = Double.NaN;
  private List<Double> slopes = List.of();

  SameSlopes(TrendSettings settings) {
    this.settings = settings;
    this.present = new LifeProfile(settings.pointWidth().toNanos() / 1e9);
  }

  void accept(double elapsed, double value, double limitBytes) {
    present.accept(elapsed, value);
    ageSeconds = elapsed;
    limit = limitBytes;
  }

  /**
   * Remembers the life that has ended.
   *
   * @param pauseSeconds until the next one was seen
   */
  void ended(double pauseSeconds) {
    Life life = Life.of(present, birthSeconds, limit);
    if (life != null) {
      ended.addFirst(life);
    }
    if (ended.size() > REMEMBERED) {
      ended.removeLast();
    }
    birthSeconds += ageSeconds + pauseSeconds;
    ageSeconds = 0;
    present.clear();
    slopes = List.of();
  }

  /** Looks at the present life, whose floors are given, beside those before it. */
  @Nullable Finding find(double[] floors, double smallestRise) {
    List<Life> lives = new ArrayList<>();
    if (ended.size() < FEWEST - 1
        || floors.length < FEWEST_FLOORS
        || !ended.stream().limit(FEWEST - 1).allMatch(this::mayCount)) {
      return null;
    }
    Life now = Life.of(present, birthSeconds, limit);
    if (now == null || !isOldEnough(now) || now.lateBytesPerSecond() <= 0) {
      return null;
    }
    lives.add(now);
    for (Life life : ended) {
      lives.add(life);
      if (!mayCount(life)) {
        return null;
      }
      if (lives.size() >= FEWEST && (nearLimit(lives) || cycleWasSeen(lives))) {
        LivesFit fit = LivesFit.of(lives, nearLimit(lives) ? 0 : settings.cycleSeconds());
        if (!agree(lives, fit.slopes(), smallestRise)) {
          return null;
        }
        if (fit.evidence() > EVIDENT) {
          List<Double> oldestFirst = new ArrayList<>(fit.slopes());
          Collections.reverse(oldestFirst);
          slopes = List.copyOf(oldestFirst);
          return new Finding(
              Channel.LIVES, begin(now, floors.length), floors.length, -fit.evidence());
        }
      }
    }
    return null;
  }

  /** The slopes of the lives that were told of last, the present one last, in bytes per second. */
  List<Double> slopes() {
    return slopes;
  }

  private boolean mayCount(Life life) {
    boolean isLong = life.seconds() >= SHORTEST_CYCLES * settings.cycleSeconds();
    return life.lateBytesPerSecond() > 0 && (isLong || life.limitShare() > NEAR_LIMIT);
  }

  private boolean isOldEnough(Life now) {
    double shortest = ended.stream().limit(FEWEST - 1).mapToDouble(Life::seconds).min().orElse(0);
    return now.seconds() >= YOUNGEST_SHARE * shortest;
  }

  private boolean agree(List<Life> lives, List<Double> slopes, double smallestRise) {
    double least = Collections.min(slopes);
    double most = Collections.max(slopes);
    double longest = lives.stream().mapToDouble(Life::seconds).max().orElse(0);
    double shortest = lives.stream().mapToDouble(Life::seconds).min().orElse(0);
    return least * shortest >= smallestRise
        && least >= SAME * most
        && ended.stream()
            .filter(life -> life.seconds() > LONGER * longest)
            .allMatch(life -> life.lateBytesPerSecond() >= SAME * least);
  }

  private static boolean nearLimit(List<Life> lives) {
    return lives.stream().skip(1).allMatch(life -> life.limitShare() > NEAR_LIMIT);
  }

  private boolean cycleWasSeen(List<Life> lives) {
    boolean[] parts = new boolean[PARTS_OF_CYCLE];
    int seen = 0;
    double part = settings.cycleSeconds() / PARTS_OF_CYCLE;
    for (Life life : lives) {
      long begin = Math.round(life.birthSeconds() / part);
      long end = Math.round((life.birthSeconds() + life.seconds()) / part);
      for (long i = begin; i < Math.min(end, begin + PARTS_OF_CYCLE); i++) {
        int at = (int) (i % PARTS_OF_CYCLE);
        seen += parts[at] ? 0 : 1;
        parts[at] = true;
      }
    }
    return seen >= SEEN_PARTS;
  }

  /** The floor at which the warm-up has passed, at most half of the life. */
  private int begin(Life now, int floors) {
    double warmUp = WARM_UPS_PASSED * now.warmUpSeconds();
    int passed = (int) (Math.min(warmUp, now.seconds() / 2) / settings.floorSeconds());
    return Math.max(0, Math.min(floors - FEWEST_FLOORS, passed));
  }

  long retainedBytes() {
    return present.retainedBytes() + REMEMBERED * (4L * Life.MOST_POINTS + 56) + 128;
  }
}
