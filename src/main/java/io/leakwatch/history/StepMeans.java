package io.leakwatch.history;

import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Makes one sample of all that lie within a step of time: of each figure the mean of what was seen
 * of it, at the time of the last of them. A restart begins a new step, so no figure is a mean of
 * two processes. Holds one step at a time.
 */
public final class StepMeans implements Consumer<Sample> {
  private static final Signal[] SIGNALS = Signal.values();

  private final double stepSeconds;
  private final Consumer<Sample> means;
  private final double[] sums = new double[SIGNALS.length];
  private final int[] counts = new int[SIGNALS.length];
  private final Map<LoadSeries, double[]> load = new HashMap<>();
  private @Nullable Sample last;

  /**
   * @param means takes one sample of each step in which there was one
   */
  public StepMeans(double stepSeconds, Consumer<Sample> means) {
    this.stepSeconds = stepSeconds;
    this.means = means;
  }

  /** Takes the next sample, in rising order of time. */
  @Override
  public void accept(Sample sample) {
    Sample before = last;
    if (before != null
        && (step(before) != step(sample) || !before.incarnation().equals(sample.incarnation()))) {
      finish();
    }
    last = sample;
    for (Signal signal : SIGNALS) {
      if (sample.has(signal)) {
        sums[signal.ordinal()] += sample.get(signal);
        counts[signal.ordinal()]++;
      }
    }
    sample
        .load()
        .forEach(
            (series, value) -> {
              double[] sum = load.computeIfAbsent(series, one -> new double[2]);
              sum[0] += value;
              sum[1]++;
            });
  }

  private double step(Sample sample) {
    return Math.floor(sample.timeSeconds() / stepSeconds);
  }

  /** Passes on what is left. */
  public void finish() {
    if (last == null) {
      return;
    }
    Sample.Builder mean = Sample.at(last.timeSeconds(), last.incarnation());
    for (Signal signal : SIGNALS) {
      int i = signal.ordinal();
      if (counts[i] > 0) {
        mean.set(signal, sums[i] / counts[i]);
      }
      sums[i] = 0;
      counts[i] = 0;
    }
    load.forEach((series, sum) -> mean.load(series, sum[0] / sum[1]));
    load.clear();
    last = null;
    means.accept(mean.build());
  }
}
