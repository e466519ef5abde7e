package io.leakwatch.verdict;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.Change.Kind;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * How often the change that brought a leak is named, and how often one that did not. Each process
 * has 2 to 60 GB, noise of 0.2 to 1.2 % of that which lasts ten minutes to three hours, a daily
 * load of up to 5 %, and loses 2 to 20 % a day from the sixth to eighth day on. Its configuration
 * is modified at random times, one in three days, and once when the leak begins.
 */
class OnsetNamingTest {
  private static final int PROCESSES = 60;
  private static final double DAY = 86_400;
  private static final double STEP = 300;
  private static final double INNOCENT_EVERY = 3 * DAY;
  private static final String GUILTY = "--guilty";
  private static final String NOT_FOUND = "the leak was not found";
  private static final String INNOCENT = "--innocent";

  /** Of the leaks that were found, in how many which option was named. */
  private record Named(int found, int guilty, int innocent) {
    double share(ToDoubleFunction<Named> which) {
      return which.applyAsDouble(this) / found;
    }
  }

  /**
   * Watches all of them until some time after their leak was found.
   *
   * @param withGuilty whether anything changes when the leak begins
   */
  private static Named watch(double afterSeconds, boolean withGuilty) {
    int found = 0;
    int guilty = 0;
    int innocent = 0;
    for (int seed = 1; seed <= PROCESSES; seed++) {
      String named = watch(new Random(seed), afterSeconds, withGuilty);
      found += named.equals(NOT_FOUND) ? 0 : 1;
      guilty += named.contains(GUILTY) ? 1 : 0;
      innocent += named.contains(INNOCENT) ? 1 : 0;
    }
    return new Named(found, guilty, innocent);
  }

  /** The changes that are named of one process, as text. */
  private static String watch(Random random, double afterSeconds, boolean withGuilty) {
    ProcessJudge judge = new ProcessJudge(Defaults.TREND);
    double base = 2e9 * Math.exp(random.nextDouble() * Math.log(30));
    double noise = base * (0.002 + 0.01 * random.nextDouble());
    double memory = Math.exp(-STEP / (600 * Math.exp(random.nextDouble() * Math.log(18))));
    double daily = base * 0.05 * random.nextDouble();
    double perDay = base * 0.02 * Math.exp(random.nextDouble() * Math.log(10));
    double onset = (6 + 2 * random.nextDouble()) * DAY;
    double wander = 0;
    double innocent = -INNOCENT_EVERY * Math.log(1 - random.nextDouble());
    double until = Double.POSITIVE_INFINITY;
    boolean told = !withGuilty;
    Verdict verdict = null;
    for (double t = 0; t < Math.min(20 * DAY, until); t += STEP) {
      if (t >= innocent) {
        judge.changed(new Change(innocent, Kind.CONFIGURATION, INNOCENT, ""));
        innocent -= INNOCENT_EVERY * Math.log(1 - random.nextDouble());
      }
      if (!told && t >= onset) {
        told = true;
        judge.changed(new Change(onset, Kind.CONFIGURATION, GUILTY, ""));
      }
      wander = memory * wander + Math.sqrt(1 - memory * memory) * noise * random.nextGaussian();
      double load = daily * (0.5 - 0.5 * Math.cos(2 * Math.PI * t / DAY));
      double bytes = base + wander + load + perDay * Math.max(0, t - onset) / DAY;
      verdict = judge.accept(Sample.at(t, "").set(Signal.RSS_ANON_BYTES, bytes).build(), List.of());
      boolean grows = !Double.isNaN(verdict.growth().sinceSeconds()) && t > onset;
      until = grows ? Math.min(until, t + afterSeconds + STEP) : until;
    }
    return until == Double.POSITIVE_INFINITY || verdict == null
        ? NOT_FOUND
        : verdict.changes().toString();
  }

  @Test
  void theChangeThatBroughtALeakShouldBeNamedWhenItIsFound() {
    Named named = watch(0, true);
    assertTrue(named.found() >= 0.9 * PROCESSES, named::toString);
    assertTrue(named.share(Named::guilty) >= 0.8, named::toString);
    assertTrue(named.share(Named::innocent) <= 0.2, named::toString);
  }

  @Test
  void aDayLaterOthersShouldBeNamedMoreRarely() {
    Named named = watch(DAY + 7200, true);
    assertTrue(named.share(Named::guilty) >= 0.8, named::toString);
    assertTrue(named.share(Named::innocent) <= 0.12, named::toString);
  }

  @Test
  void whereNothingBroughtItOthersShouldBeNamedRarely() {
    Named named = watch(0, false);
    assertTrue(named.share(Named::innocent) <= 0.2, named::toString);
  }
}
