package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Quarters of an hour, of which not each has a value. */
class RampFilterTest {
  private static final int PER_FLOOR = 4;
  private static final int BEGIN = 40 * PER_FLOOR;
  private static final int END = BEGIN + 10 * PER_FLOOR;

  private static RampFilter filter(int gap) {
    RampFilter filter = new RampFilter(PER_FLOOR, 18);
    for (int bin = 0; bin <= END; bin += gap) {
      filter.accept(bin, 0.1 * Math.max(0, bin - BEGIN));
    }
    return filter;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 10, 20})
  void shouldSeeHowFarARampRoseWhicheverStretchesAreLeftOut(int gap) {
    RampFilter filter = filter(gap);
    assertEquals(0.1 * (END - BEGIN), filter.risen(END, 10), 1e-3);
    double ramp = filter.ramp(END, 10);
    assertTrue(ramp > filter.ramp(END, 5), "a later begin");
    assertTrue(ramp > filter.ramp(END, 15), "an earlier begin");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 10})
  void shouldTellAStepFromARampWhicheverStretchesAreLeftOut(int gap) {
    int n = 80 / gap;
    long[] bins = new long[n];
    double[] ramp = new double[n];
    double[] step = new double[n];
    RampFilter ofRamp = new RampFilter(PER_FLOOR, 18);
    RampFilter ofStep = new RampFilter(PER_FLOOR, 18);
    for (int i = 0; i < n; i++) {
      bins[i] = (long) i * gap;
      ramp[i] = Math.max(0, bins[i] - 20);
      step[i] = bins[i] > 40 ? 30 : 0;
      ofRamp.accept(bins[i], ramp[i]);
      ofStep.accept(bins[i], step[i]);
    }
    assertTrue(ofRamp.highestStep(bins, ramp) < highest(ofRamp, bins[n - 1]), "a ramp");
    assertTrue(ofStep.highestStep(bins, step) > highest(ofStep, bins[n - 1]), "a step");
  }

  private static double highest(RampFilter filter, long bin) {
    double highest = 0;
    for (int floors = 1; floors < 18; floors++) {
      highest = Math.max(highest, filter.ramp(bin, floors));
    }
    return highest;
  }
}
