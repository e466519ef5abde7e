package io.leakwatch.history.block;

import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.Locale;
import java.util.Optional;

/** One figure of samples as the history file and CSV keep it: a signal, or a series of load. */
public sealed interface Column {

  /** Its name in the file. */
  String name();

  /** The figure in a sample, {@code NaN} where it is absent. */
  double of(Sample sample);

  void set(Sample.Builder sample, double value);

  /** A figure that every process has. */
  record OfSignal(Signal signal) implements Column {
    @Override
    public String name() {
      return signal.column();
    }

    @Override
    public double of(Sample sample) {
      return sample.get(signal);
    }

    @Override
    public void set(Sample.Builder sample, double value) {
      sample.set(signal, value);
    }
  }

  /** A figure that the endpoint of a process gives. */
  record OfLoad(LoadSeries series) implements Column {
    @Override
    public String name() {
      return series.column();
    }

    @Override
    public double of(Sample sample) {
      return sample.load().getOrDefault(series, Double.NaN);
    }

    @Override
    public void set(Sample.Builder sample, double value) {
      sample.load(series, value);
    }
  }

  /** The column of a name, empty where this program knows none. */
  static Optional<Column> named(String name) {
    for (Signal signal : Signal.values()) {
      if (signal.column().equals(name.toLowerCase(Locale.ROOT))) {
        return Optional.of(new OfSignal(signal));
      }
    }
    return LoadSeries.ofColumn(name).map(OfLoad::new);
  }
}
