package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.history.Signal;
import java.util.Objects;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeakUnderCycleTest {
  private static final int PER_FLOOR = TrendSettings.defaults().stretchesPerFloor();
  private static final int CYCLE = 24 * PER_FLOOR;
  private static final double GB = 1e9;
  private static final double LEVEL = 20 * GB;
  private static final double RANGE = 2 * GB;
  private static final double NOISE = 0.02 * GB;
  private static final int DAYS = 10;

  /** When something begins, at the peak of a day. */
  private static final int PEAK = 7 * CYCLE + CYCLE / 2;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void isFoundThoughItSoonExceedsTheCycle(long seed) {
    double perStretch = RANGE / CYCLE * 2;
    int hours = hoursUntilFound(seed, false, bin -> Math.max(0, bin - PEAK) * perStretch);
    assertTrue(hours >= 0 && hours <= 16, () -> hours + " h");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void isNotSeenInADayOfOneAndAHalfTheLoad(long seed) {
    double more = 0.5 * RANGE;
    DoubleUnaryOperator busy = bin -> bin / CYCLE >= 7 && bin / CYCLE < 8 ? more * shape(bin) : 0;
    int hours = hoursUntilFound(seed, false, busy);
    assertTrue(hours < 0, () -> "found after " + hours + " h");
  }

  /** Neither while it is young nor when it is older than any ramp that is asked for. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void isNotSeenInAStepWithinAnHour(int late) {
    double height = 0.5 * RANGE;
    for (long seed = 1; seed <= 5; seed++) {
      int hours = hoursUntilFound(seed, false, bin -> bin >= PEAK + late ? height : 0);
      assertTrue(hours < 0, () -> "found after " + hours + " h");
    }
  }

  /** While the load falls, the low of the last hours shows a step little by little. */
  @Test
  void isHardlyEverSeenInAStepWhileTheLoadFalls() {
    int found = 0;
    for (int hoursAfterPeak = 1; hoursAfterPeak <= 6; hoursAfterPeak++) {
      int step = PEAK + hoursAfterPeak * PER_FLOOR + 1;
      for (long seed = 1; seed <= 5; seed++) {
        Track track = trackOf(seed, step + CYCLE / 2, bin -> bin >= step ? RANGE : 0);
        found += Objects.requireNonNull(track.growth()).found() ? 1 : 0;
      }
    }
    assertTrue(found <= 1, found + " of 30");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void isDeniedInAProcessThatIsOnlyBusier(long seed) {
    double more = 0.3 * RANGE;
    DoubleUnaryOperator busy = bin -> bin / CYCLE >= 7 && bin / CYCLE < 8 ? more * shape(bin) : 0;
    assertTrue(isDenied(seed, busy, PEAK));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void isNotDeniedWhenItIsFound(long seed) {
    DoubleUnaryOperator leak = bin -> Math.max(0, bin - PEAK) * RANGE / CYCLE;
    int hours = hoursUntilFound(seed, false, leak);
    assertFalse(isDenied(seed, leak, PEAK + (hours + 1) * PER_FLOOR));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void isFoundSoonerWhereTheLoadIsKnown(long seed) {
    double perStretch = RANGE / CYCLE / 2;
    DoubleUnaryOperator leak = bin -> Math.max(0, bin - PEAK) * perStretch;
    int without = hoursUntilFound(seed, false, leak);
    int with = hoursUntilFound(seed, true, leak);
    assertTrue(with >= 0 && with <= without - 2, () -> with + " h, without " + without + " h");
  }

  /** The load falls from the peak to the trough by more than leaks meanwhile. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void isToldWithItsOwnRateWhileTheLoadFalls(long seed) {
    double perStretch = RANGE / CYCLE;
    Track track = trackOf(seed, PEAK + CYCLE / 2, bin -> Math.max(0, bin - PEAK) * perStretch);
    Growth growth = Objects.requireNonNull(track.growth());
    assertTrue(growth.found(), growth::toString);
    double perSecond = perStretch / 900;
    assertTrue(
        growth.bytesPerSecond() > .4 * perSecond && growth.bytesPerSecond() < 2 * perSecond,
        growth::toString);
  }

  private static Track trackOf(long seed, int until, DoubleUnaryOperator added) {
    Random random = new Random(seed);
    Track track = new Track(Signal.IN_USE_BYTES, TrendSettings.defaults());
    LoadCourse unknown = new LoadCourse(TrendSettings.defaults());
    for (int bin = 0; bin < until; bin++) {
      double day = 1 + .2 * Math.sin(bin / CYCLE * 2.4);
      double noise = NOISE * random.nextGaussian();
      double value = LEVEL + day * RANGE * shape(bin) + added.applyAsDouble(bin) + noise;
      track.accept(bin / PER_FLOOR, bin * 900.0, value, 4 * LEVEL, unknown);
    }
    return track;
  }

  private interface Look {
    boolean isEnough(CyclicTest test, int bin, double level);
  }

  /** Whole hours from the peak until something is found, -1 if nothing is. */
  private static int hoursUntilFound(long seed, boolean loadKnown, DoubleUnaryOperator added) {
    Look find = (test, bin, level) -> test.find(bin, bin / PER_FLOOR, level, .003 * level) != null;
    int bin = lookUntilEnough(seed, loadKnown, added, find);
    return bin < 0 ? -1 : Math.max(0, (bin - PEAK) / PER_FLOOR);
  }

  /** Whether the load is said to explain, at {@code end}, what rises within hours. */
  private static boolean isDenied(long seed, DoubleUnaryOperator added, int end) {
    return lookUntilEnough(seed, false, added, (test, bin, level) -> bin == end && test.denies(bin))
        >= 0;
  }

  /** The stretch at which a look was enough, -1 where none was. */
  private static int lookUntilEnough(
      long seed, boolean loadKnown, DoubleUnaryOperator added, Look look) {
    Random random = new Random(seed);
    CyclicTest test = new CyclicTest(TrendSettings.defaults());
    double noise = 0;
    double kept = Math.exp(-1.0 / PER_FLOOR);
    double day = 1;
    for (int bin = 0; bin < DAYS * CYCLE; bin++) {
      if (bin % CYCLE == 0) {
        day = 1 + .1 * random.nextGaussian();
      }
      noise = kept * noise + NOISE * Math.sqrt(1 - kept * kept) * random.nextGaussian();
      double usual = LEVEL + RANGE * shape(bin);
      double deviation = (day - 1) * RANGE * shape(bin) + noise + added.applyAsDouble(bin);
      test.accept(bin, usual, deviation, loadKnown ? (day - 1) * shape(bin) : Double.NaN);
      double level = usual + deviation;
      if (look.isEnough(test, bin, level)) {
        return bin;
      }
    }
    return -1;
  }

  private static double shape(double bin) {
    return .5 - .5 * Math.cos(2 * Math.PI * bin / CYCLE);
  }
}
