package io.leakwatch.export.json;

import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.text.ForeignText;
import java.util.Map;
import java.util.TreeMap;

/** A recorded sample as a line of JSON; a figure that was not read is left out. */
public final class SampleJson {
  private SampleJson() {}

  /** The object, its figures named as the columns of the CSV. */
  public static String of(String process, Sample sample) {
    return JsonText.compact(
        json -> {
          json.beginObject();
          json.name("process").value(process);
          json.name("time").value(sample.timeSeconds());
          json.name("incarnation").value(sample.incarnation());
          for (Signal signal : Signal.values()) {
            if (sample.has(signal)) {
              json.name(signal.column()).value(sample.get(signal));
            }
          }
          for (Map.Entry<LoadSeries, Double> load : new TreeMap<>(sample.load()).entrySet()) {
            json.name(ForeignText.harmless(load.getKey().column(), 256)).value(load.getValue());
          }
          json.endObject();
        });
  }
}
