package io.leakwatch.trend;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the leak of a process that never lives long enough to show it: the same slope in each life.
 *
 * <p>Who restarts a leaking server every night has a new one each day, with a warm-up and some
 * hours behind it, in which no growth is old enough to be told. But a warm-up ends, a load turns,
 * and noise goes up in one life and down in the next, while a leak goes on at its own pace after
 * each restart. So a line beside the warm-up is fitted to each life, and three lives in a row must
 * agree about it, the present one among them. An older life that lasted longer has seen where the
 * line leads, and must agree too: a cache that fills is straight until it is full.
 *
 * <p>The load of a day lifts each life that runs through the same hours. So the lives that agree
 * must have seen a whole cycle between them, each of them a quarter of it; or have ended near their
 * limit, for what has no memory left does not live for hours.
 */
final class SameSlopes {
  private static final int REMEMBERED = 7;
  private static final int FEWEST = 3;
  private static final double EVIDENT = Double.parseDouble(System.getProperty("se", "10"));
  private static final double SAME = Double.parseDouble(System.getProperty("sr", "0.5"));
  private static final double SHORTEST_CYCLES = 0.25;
  private static final double SEEN_CYCLES = 0.9;
  private static final int PARTS_OF_CYCLE = 24;
  private static final double NEAR_LIMIT = 0.7;
  private static final double YOUNGEST_SHARE = 0.5;
  private static final double LONGER = 1.5;

  private final TrendSettings settings;
  private final LifeProfile present;
  private final Deque<Life> ended = new ArrayDeque<>();
  private double birthSeconds;
  private double ageSeconds;
  private double limit = Double.NaN;
  private boolean news;

  SameSlopes(TrendSettings settings) {
    this.settings = settings;
    this.present = new LifeProfile(settings.pointWidth().toNanos() / 1e9);
  }

  void accept(double elapsed, double value, double limitBytes) {
    news |= present.accept(elapsed, value);
    ageSeconds = elapsed;
    limit = limitBytes;
  }

  /**
   * @param pauseSeconds until the next life was seen
   */
  void ended(double pauseSeconds) {
    Life life = Life.of(present, birthSeconds, limit);
    if (life != null) {
      ended.addFirst(life);
      if (ended.size() > REMEMBERED) {
        ended.removeLast();
      }
    }
    birthSeconds += ageSeconds + Math.max(0, pauseSeconds);
    present.clear();
  }

  @Nullable Finding find(double[] floors, double smallestRise) {
    if (!news || ended.size() < FEWEST - 1) {
      return null;
    }
    news = false;
    Life now = Life.of(present, birthSeconds, limit);
    if (now == null) {
      return null;
    }
    double shortest =
        ended.stream().limit(FEWEST - 1).mapToDouble(Life::seconds).min().orElse(0);
    if (now.seconds() < YOUNGEST_SHARE * shortest) {
      return null;
    }
    List<Life> lives = new ArrayList<>();
    lives.add(now);
    for (Life life : ended) {
      lives.add(life);
      if (lives.size() < FEWEST || !seen(lives)) {
        continue;
      }
      LivesFit fit = LivesFit.of(lives, nearLimit(lives) ? 0 : settings.cycleSeconds());
      boolean agree = agree(lives, fit, smallestRise);
      if (DEBUG) {
        System.out.printf("   %.2f d lives %d evidence %.1f slope %.3f GB/d agree %s %s%n", (birthSeconds + ageSeconds) / 86400, lives.size(), fit.evidence(), fit.bytesPerSecond() * 86400 / 1e9, agree, java.util.Arrays.stream(fit.slopes()).mapToObj(x -> String.format("%.2f", x * 86400 / 1e9)).toList());
      }
      if (!agree) {
        return null;
      }
      if (fit.evidence() > EVIDENT) {
        int n = floors.length;
        double warm = Math.min(0.5 * now.seconds(), 3 * now.warmUpPoints() * now.pointSeconds());
        int from = (int) Math.max(0, Math.min(n - 2, warm / settings.floorSeconds()));
        return new Finding(Channel.LIVES, from, n, -fit.evidence());
      }
    }
    return null;
  }

  private static final boolean DEBUG = Boolean.getBoolean("sd");

  private boolean agree(List<Life> lives, LivesFit fit, double smallestRise) {
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (int i = 0; i < lives.size(); i++) {
      double slope = fit.slopes()[i];
      least = Math.min(least, slope);
      most = Math.max(most, slope);
      if (slope * lives.get(i).seconds() < smallestRise) {
        return false;
      }
    }
    return least > 0 && least >= SAME * most;
  }

  private boolean nearLimit(List<Life> lives) {
    return lives.stream().skip(1).allMatch(life -> life.limitShare() > NEAR_LIMIT);
  }

  private boolean seen(List<Life> lives) {
    if (nearLimit(lives)) {
      return true;
    }
    boolean[] parts = new boolean[PARTS_OF_CYCLE];
    int seen = 0;
    double part = settings.cycleSeconds() / PARTS_OF_CYCLE;
    for (Life life : lives) {
      if (life != lives.get(0) && life.seconds() < SHORTEST_CYCLES * settings.cycleSeconds()) {
        return false;
      }
      long end = Math.round((life.birthSeconds() + life.seconds()) / part);
      for (long i = Math.round(life.birthSeconds() / part); i < end; i++) {
        int at = (int) (i % PARTS_OF_CYCLE);
        seen += parts[at] ? 0 : 1;
        parts[at] = true;
      }
    }
    return seen >= SEEN_CYCLES * PARTS_OF_CYCLE;
  }

  long retainedBytes() {
    return present.retainedBytes() + REMEMBERED * (28 * 4L + 32) + 64;
  }
}
