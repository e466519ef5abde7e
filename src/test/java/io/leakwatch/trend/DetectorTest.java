package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** What happens to samples in the field. */
class DetectorTest {
  private static final double DAY = 86400;
  private final Detector detector = new Detector(Defaults.TREND);
  private final Random random = new Random(5);

  private static boolean found(Trend trend) {
    return trend.anonymous() != null && trend.anonymous().found();
  }

  private Sample sample(double time, double bytes) {
    return sample(time, bytes, 32e9);
  }

  private static Sample sample(double time, double bytes, double limit) {
    return Sample.at(time, "1")
        .set(Signal.RSS_ANON_BYTES, Math.rint(bytes / 4096) * 4096)
        .set(Signal.LIMIT_BYTES, limit)
        .build();
  }

  private double level(double time) {
    return 8e9 + 2e7 * random.nextGaussian() + 8e8 * Math.max(0, time / DAY - 6);
  }

  @Test
  void shouldFindALeakThroughGapsAndIrregularIntervals() {
    boolean found = false;
    double time = 0;
    while (time < 9 * DAY) {
      time += random.nextInt(20) == 0 ? 3 * 3600 : 30 + random.nextInt(1200);
      found |= found(detector.accept(sample(time, level(time))));
      assertTrue(!found || time > 6 * DAY, "found before it began");
    }
    assertTrue(found);
  }

  /** By an hour, forward after three days and back after five; the process is 10 s old at first. */
  @Test
  void shouldForgetNothingWhereTheClockWasSet() {
    Trend trend = null;
    for (double age = 10; age < 7 * DAY; age += 60) {
      double set = age > 3 * DAY && age < 5 * DAY ? 3600 : 0;
      Sample sample =
          Sample.at(1e9 + age + set, "boot/1/1")
              .set(Signal.RSS_ANON_BYTES, 8e9)
              .set(Signal.PROCESS_AGE_SECONDS, age)
              .build();
      trend = detector.accept(sample);
      assertEquals(1, trend.observed().incarnations(), "incarnations at the age of " + age);
    }
    assertEquals(7 * DAY, trend.observed().seconds(), 3700);
  }

  @Test
  void shouldFindALeakInHourlySamples() {
    boolean found = false;
    for (double time = 0; time < 9 * DAY; time += 3600) {
      found |= found(detector.accept(sample(time, level(time))));
    }
    assertTrue(found);
  }

  @Test
  void shouldFindGrowthByAFifthADayBehindAWarmUpWithinDays() {
    double found = Double.POSITIVE_INFINITY;
    for (double time = 0; time < 4 * DAY && !(found < time); time += 300) {
      double bytes = 8e9 * (1.4 - 0.4 * Math.exp(-time / (0.3 * DAY)) + 0.2 * time / DAY);
      double seen = bytes + 2e7 * random.nextGaussian();
      found = found(detector.accept(sample(time, seen, 64e9))) ? time / DAY : found;
    }
    double days = found;
    assertTrue(days >= 2 && days < 3.5, () -> "after " + days + " days");
  }

  /** 10 GB within two hours on top of 8 GB, seven days after the start. */
  private static double surge(double time) {
    return 1e10 * Math.max(0, Math.min(1, (time - 7 * DAY) / 7200));
  }

  @Test
  void shouldEndASurgeThatStandsStillWithinHoursAndNotTellItAgain() {
    boolean surged = false;
    for (double time = 0; time < 12 * DAY; time += 300) {
      double level = 8e9 + 2e7 * random.nextGaussian() + surge(time);
      boolean found = found(detector.accept(sample(time, level)));
      surged |= found;
      double hours = (time - 7 * DAY) / 3600;
      assertTrue(!found || hours > 0 && hours < 10, () -> "after " + hours + " h");
    }
    assertTrue(surged);
  }

  @Test
  void shouldFindALeakOnThePlateauOfASurge() {
    double found = Double.NaN;
    for (double time = 0; time < 11 * DAY && Double.isNaN(found); time += 300) {
      double leaked = 3e9 * Math.max(0, time / DAY - 8);
      double level = 8e9 + 2e7 * random.nextGaussian() + surge(time) + leaked;
      if (found(detector.accept(sample(time, level))) && time > 8 * DAY) {
        found = time;
      }
    }
    double hours = (found - 8 * DAY) / 3600;
    assertTrue(hours > 0 && hours < 48, () -> "after " + hours + " h");
  }

  @Test
  void shouldNotTakeALevelChangeInAGapForGrowth() {
    for (double time = 0; time < 12 * DAY; time += 300) {
      if (time < 6 * DAY || time > 7 * DAY) {
        double level = (time < 6 * DAY ? 8e9 : 11e9) + 2e7 * random.nextGaussian();
        assertFalse(found(detector.accept(sample(time, level))), "at " + time / DAY);
      }
    }
  }

  /** One life of a process, sampled every half minute until it ends or is killed at its limit. */
  private double told(int life, double begin, double seconds, DoubleUnaryOperator level) {
    double first = Double.NaN;
    for (double t = 0; t < seconds && level.applyAsDouble(t) < 16e9; t += 30) {
      double noise = 1 + 0.003 * random.nextGaussian();
      Sample sample =
          Sample.at(begin + t, "life " + life)
              .set(Signal.RSS_ANON_BYTES, level.applyAsDouble(t) * noise)
              .set(Signal.LIMIT_BYTES, 16e9)
              .build();
      if (found(detector.accept(sample)) && Double.isNaN(first)) {
        first = t;
      }
    }
    return first;
  }

  @Test
  void shouldTellASurgeAtOnceThatEndedAFormerLifeAtTheLimit() {
    double begin = 0;
    for (int life = 0; life < 10; life++) {
      double quiet = 600 + random.nextInt(7200);
      double rate = 14e9 / (900 + random.nextInt(1800));
      DoubleUnaryOperator level = t -> 2e9 * Math.min(1, t / 60) + rate * Math.max(0, t - quiet);
      double minutes = (told(life, begin, 1e9, level) - quiet) / 60;
      assertTrue(life == 0 || minutes > 0 && minutes < 15, () -> minutes + " min");
      begin += 20_000;
    }
  }

  @Test
  void shouldNotTellTheRefillThatFollowsEachRestart() {
    double begin = 0;
    for (int life = 0; life < 10; life++) {
      double fill = 900 + random.nextInt(9000);
      double seconds = DAY * (0.5 + random.nextDouble());
      double seen = told(life, begin, seconds, t -> 14.4e9 * Math.min(1, 0.05 + 0.95 * t / fill));
      assertTrue(life == 0 || Double.isNaN(seen), () -> "after " + seen / 60 + " min");
      begin += 2 * DAY;
    }
  }

  @Test
  void shouldTellASurgeOfTheFirstDayBeforeItsLimit() {
    DoubleUnaryOperator level = t -> 2e9 + 14e9 / 1500 * Math.max(0, t - 7 * 3600);
    double seen = told(0, 0, DAY, level);
    assertTrue(seen > 7 * 3600 && seen < 7 * 3600 + 1500, () -> "after " + seen / 3600 + " h");
  }

  /** A leak that no life of a day is long enough for. */
  @Test
  void shouldAddUpLivesThatGrewAtOnePaceUntilTheirRestart() {
    double first = Double.NaN;
    int lives = 0;
    while (Double.isNaN(first) && lives < 6) {
      first =
          told(
              lives,
              lives * DAY,
              DAY - 300,
              t -> 3e9 - 1e9 * Math.exp(-t / 3600) + 0.4e9 * t / DAY);
      lives++;
    }
    int needed = lives;
    assertTrue(needed > 1 && needed <= 4, () -> "in life " + needed);
  }

  /** Bytes in use wait for the first walk; the hours before it are no hours of theirs. */
  @Test
  void shouldCountAFigureThatBeginsLateFromItsFirstValue() {
    Trend last = null;
    for (double time = 0; time < 5 * DAY; time += 300) {
      Sample.Builder sample =
          Sample.at(time, "1")
              .set(Signal.RSS_ANON_BYTES, 9e9)
              .set(Signal.LOAD, random.nextDouble());
      if (time > 1.3 * DAY) {
        sample.set(Signal.IN_USE_BYTES, 4e9 + 1e9 * time / DAY + 1e6 * random.nextGaussian());
      }
      last = detector.accept(sample.build());
    }
    Growth used = last.inUse();
    assertTrue(used.leaks());
    assertTrue(used.sinceSeconds() > 1.2 * DAY, () -> "since " + used.sinceSeconds() / DAY + " d");
    assertEquals(1e9 / DAY, used.rate().bytesPerSecond(), 0.05e9 / DAY);
    assertTrue(last.load().share() < 0.2, "load explains " + last.load().share());
  }

  /** The agent was away for more than a day, longer than a leak may stand still. */
  @Test
  void shouldNotTakeBackALeakForHoursInWhichNobodyLooked() {
    boolean told = false;
    for (double time = 0; time < 14 * DAY; time += 300) {
      if (time < 9 * DAY || time > 11 * DAY) {
        boolean found = found(detector.accept(sample(time, level(time))));
        assertTrue(found || !told, "taken back at " + time / DAY);
        told |= found && time > 8.5 * DAY;
      }
    }
    assertTrue(told);
  }

  @Test
  void shouldSurviveAClockThatStepsBackAndForth() {
    boolean found = false;
    for (double time = 0; time < 9 * DAY; time += 300) {
      double clock = time + (time > 2 * DAY && time < 3 * DAY ? -86400 * 30.0 : 0);
      found |= found(detector.accept(sample(1.7e9 + clock, level(time))));
    }
    assertTrue(found);
  }

  @Test
  void shouldIgnoreFiguresThatAreNone() {
    for (double time = 0; time < 2 * DAY; time += 300) {
      double value =
          switch (random.nextInt(4)) {
            case 0 -> Double.NaN;
            case 1 -> Double.POSITIVE_INFINITY;
            case 2 -> -1;
            default -> 8e9;
          };
      Trend trend =
          detector.accept(
              Sample.at(time, "1")
                  .set(Signal.RSS_ANON_BYTES, value)
                  .set(Signal.IN_USE_BYTES, value)
                  .set(Signal.LIMIT_BYTES, Double.NaN)
                  .build());
      assertFalse(found(trend));
    }
  }

  @Test
  void shouldBeginAnewWithANewIncarnation() {
    for (double time = 0; time < 9 * DAY; time += 300) {
      detector.accept(sample(time, level(time)));
    }
    Trend trend = detector.accept(Sample.at(9 * DAY, "2").set(Signal.RSS_ANON_BYTES, 4e9).build());
    assertFalse(found(trend));
    assertEquals(2, trend.observed().incarnations());
    assertEquals(0, trend.observed().seconds());
  }

  @Test
  void shouldStayWithinItsState() {
    Sample.Builder all = Sample.at(0, "");
    for (Signal signal : Signal.values()) {
      all.set(signal, 1e9);
    }
    detector.accept(all.build());
    assertTrue(detector.retainedBytes() <= 64 * 1024, () -> detector.retainedBytes() + " bytes");
  }

  @Test
  void shouldFindALeakOfInUseBytesWithinAQuarterOfADay() {
    double since = 6 * DAY + 5 * 3600;
    double found = Double.NaN;
    for (double time = 0; time < 7 * DAY && Double.isNaN(found); time += 300) {
      double leaked = 4e8 / DAY * Math.max(0, time - since);
      double churn = 2e8 * (1 + Math.sin(2 * Math.PI * time / DAY)) * random.nextDouble();
      Sample sample =
          Sample.at(time, "1")
              .set(Signal.RSS_ANON_BYTES, 8e9 + churn + leaked)
              .set(Signal.IN_USE_BYTES, 7e9 + 1e7 * random.nextGaussian() + leaked)
              .build();
      Trend trend = detector.accept(sample);
      if (trend.inUse() != null && trend.inUse().found()) {
        found = time;
      }
    }
    double hours = (found - since) / 3600;
    assertTrue(hours > 0 && hours < 6, () -> "after " + hours + " h");
  }

  @Test
  void shouldFindALeakThatEveryRestartInterrupts() {
    assertTrue(isFoundThroughRestarts(8e8));
  }

  @Test
  void shouldNotTakeTheWarmingUpAfterEachRestartForALeak() {
    assertFalse(isFoundThroughRestarts(0));
  }

  /** Two and a half days of life each, half a day of warming up; from the third on it leaks. */
  private boolean isFoundThroughRestarts(double leakedPerDay) {
    boolean found = false;
    for (int life = 0; life < 6; life++) {
      for (double age = 0; age < 2.5 * DAY; age += 300) {
        double warm = 8e9 * (1 - 0.6 * Math.exp(-age / (0.15 * DAY)));
        double leaked = life < 2 ? 0 : leakedPerDay * age / DAY;
        double bytes = warm + leaked + 4e7 * random.nextGaussian();
        Sample sample =
            Sample.at(life * 2.5 * DAY + age, "life " + life)
                .set(Signal.RSS_ANON_BYTES, bytes)
                .build();
        found |= found(detector.accept(sample));
        assertTrue(!found || life >= 2, "found before it began");
      }
    }
    return found;
  }
}
