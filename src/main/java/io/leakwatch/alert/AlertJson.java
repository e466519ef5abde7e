package io.leakwatch.alert;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** The parts that every JSON of an alert shares. */
final class AlertJson {
  private AlertJson() {}

  static void writeTexts(JsonWriter json, String name, Map<String, String> texts)
      throws IOException {
    json.name(name).beginObject();
    for (Map.Entry<String, String> text : new TreeMap<>(texts).entrySet()) {
      json.name(text.getKey()).value(text.getValue());
    }
    json.endObject();
  }
}
