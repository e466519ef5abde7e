package io.leakwatch.export.json;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.text.ForeignText;
import java.io.IOException;
import java.util.Collection;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/** Samples as an object of arrays, one for each figure that was seen; absent is null. */
public final class SeriesJson {
  private SeriesJson() {}

  /** The object, its figures named as the columns of the CSV. */
  public static String of(Collection<Sample> samples) {
    return JsonText.compact(
        json -> {
          json.beginObject();
          writeFigures(json, samples);
          json.endObject();
        });
  }

  /** The arrays without the braces. */
  public static void writeFigures(JsonWriter json, Collection<Sample> samples) throws IOException {
    write(json, "time", samples, Sample::timeSeconds);
    for (Signal signal : Signal.values()) {
      if (samples.stream().anyMatch(sample -> sample.has(signal))) {
        write(json, signal.column(), samples, sample -> sample.get(signal));
      }
    }
    TreeSet<LoadSeries> load = new TreeSet<>();
    samples.forEach(sample -> load.addAll(sample.load().keySet()));
    for (LoadSeries series : load) {
      write(
          json,
          ForeignText.harmless(series.column(), 256),
          samples,
          sample -> sample.load().getOrDefault(series, Double.NaN));
    }
  }

  private static void write(
      JsonWriter json, String name, Collection<Sample> samples, ToDoubleFunction<Sample> figure)
      throws IOException {
    json.name(name).beginArray();
    for (Sample sample : samples) {
      double value = figure.applyAsDouble(sample);
      if (Double.isFinite(value)) {
        json.value(
            value == Math.rint(value) && Math.abs(value) < 1e15
                ? (Number) (long) value
                : (Number) value);
      } else {
        json.nullValue();
      }
    }
    json.endArray();
  }
}
