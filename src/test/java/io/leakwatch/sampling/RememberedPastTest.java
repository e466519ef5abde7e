package io.leakwatch.sampling;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Escalation;
import io.leakwatch.config.Defaults;
import io.leakwatch.load.BvarSeries;
import io.leakwatch.load.MemorySeries;
import io.leakwatch.replay.Replay;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.verdict.ProcessJudge;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * What the detector makes of a month that it knows by means of days, hours and minutes alone: by
 * the means of a process with noise, a daily load, collections or a leak of 5 % a day.
 */
class RememberedPastTest {
  private static final int SEEDS = 24;
  private static final int MINUTES_PER_DAY = 1440;
  private static final double GB = 1e9;

  private interface Shape {
    /** Bytes above the base at a time, in days, in units of the base. */
    double at(double day, double now, double phase);
  }

  /** How many of the processes are alarming when the agent comes to them. */
  private static int alarming(double ageDays, Shape shape) {
    int alarming = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      double now = ageDays + random.nextDouble();
      double base = (0.5 + 20 * random.nextDouble()) * GB;
      double noise = base * (0.002 + 0.008 * random.nextDouble());
      double tau = 10 + 170 * random.nextDouble();
      double phase = random.nextDouble();
      double wander = 0;
      BvarSeries series = new BvarSeries();
      int minutes = (int) (now * MINUTES_PER_DAY);
      for (int i = 0; i < minutes; i++) {
        wander += -wander / tau + noise * Math.sqrt(2 / tau) * random.nextGaussian();
        double day = i / (double) MINUTES_PER_DAY;
        double bytes = base * (1 + shape.at(day, now, phase)) + wander;
        for (int second = 0; second < 60; second++) {
          series.add(bytes);
        }
      }
      alarming += isAlarming(series, minutes * 60.0) ? 1 : 0;
    }
    return alarming;
  }

  private static boolean isAlarming(BvarSeries series, double ageSeconds) {
    Replay replay =
        new Replay(
            new ProcessJudge(Defaults.TREND), new Escalation(Defaults.SEVERITY), change -> {});
    for (MemorySeries.Point point :
        MemorySeries.parse(series.json()).orElseThrow().points(ageSeconds, 0)) {
      replay.accept(
          Sample.at(point.timeSeconds(), "x").set(Signal.RSS_ANON_BYTES, point.bytes()).build());
    }
    return replay.firing();
  }

  @Test
  void aLeakOfTheLastDaysShouldBeKnownAtOnce() {
    int found = alarming(30, (day, now, phase) -> 0.05 * Math.max(0, day - now + 3));
    assertTrue(found >= 20, found + " of " + SEEDS);
  }

  /**
   * Of those that swing a few do: their former days are known by one mean each, so that the swing
   * of the last 24 hours is the first that is seen of them.
   */
  @Test
  void whatDoesNotGrowShouldRaiseHardlyAnAlarm() {
    for (double age : new double[] {3, 10, 30}) {
      int flat = alarming(age, (day, now, phase) -> 0);
      int collected = alarming(age, (day, now, phase) -> 0.1 * (day * 7.3 % 1));
      int daily = alarming(age, (day, now, phase) -> 0.05 * Math.sin(2 * Math.PI * (day + phase)));
      int warming = alarming(age, (day, now, phase) -> -Math.exp(-day / 2) / 2);
      // Of three days only hours of the last one are known: too few to see such a warm-up bend.
      boolean bends = age > 3;
      assertTrue(
          flat == 0 && collected <= 2 && daily <= 4 && (warming == 0 || !bends),
          age + " days: " + flat + " " + collected + " " + daily + " " + warming);
    }
  }

  /** The mean of the hour in which it stepped lies between, as on a way up. */
  @Test
  void aStepOfTheLastHoursMayBeTakenForGrowth() {
    int stepped = alarming(10, (day, now, phase) -> day > now - 0.3 ? 0.2 : 0);
    assertTrue(stepped <= 10, stepped + " of " + SEEDS);
  }
}
