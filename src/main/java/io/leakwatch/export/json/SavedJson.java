package io.leakwatch.export.json;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.export.SavedView;
import java.io.IOException;
import java.time.Instant;

/**
 * A saved process as the JSON object of {@code inspect --json}: the same fields, as far as files
 * alone can fill them, and where they came from. What is unknown is null or missing, never 0.
 */
public final class SavedJson {
  private SavedJson() {}

  /** The object, indented, without a line end. */
  public static String of(SavedView view) {
    return JsonText.indented(json -> write(json, view));
  }

  private static void write(JsonWriter json, SavedView view) throws IOException {
    SavedView.Identity identity = view.identity();
    Instant start = identity.startTime();
    json.beginObject();
    json.name("pid").value(identity.pid());
    known(json, "name", identity.name());
    known(json, "exe", identity.exe());
    known(json, "build_id", identity.buildId());
    known(json, "command_line", identity.commandLine());
    InspectJson.instant(json, "start_time", start);
    InspectJson.number(json, "threads", identity.threads() < 0 ? Double.NaN : identity.threads());
    InspectJson.writeMemory(json, view.memory(), view.known());
    json.name("source").beginObject();
    InspectJson.text(json, "file", view.source().file());
    json.name("format").value(view.source().format());
    json.name("page_bytes").value(view.source().pageBytes());
    json.name("malformed_lines").value(view.source().malformedLines());
    json.endObject();
    json.name("largest_mappings").beginArray();
    for (SavedView.Mapping mapping : view.largest()) {
      write(json, mapping, view.known());
    }
    json.endArray();
    json.name("notes").beginArray();
    for (String note : view.notes()) {
      json.value(InspectJson.harmless(note));
    }
    json.endArray().endObject();
  }

  private static void write(
      JsonWriter json, SavedView.Mapping mapping, SavedView.KnownFigures known) throws IOException {
    json.beginObject();
    json.name("start").value(InspectJson.address(mapping.start()));
    json.name("end").value(InspectJson.address(mapping.end()));
    json.name("permissions").value(mapping.permissions());
    json.name("kind").value(mapping.kind());
    InspectJson.text(json, "name", mapping.name());
    json.name("mapped_bytes").value(mapping.end() - mapping.start());
    InspectJson.figure(json, "resident_bytes", known.resident(), mapping.residentBytes());
    InspectJson.figure(json, "anonymous_bytes", known.anonymous(), mapping.rest().anonymousBytes());
    InspectJson.figure(json, "swap_bytes", known.swap(), mapping.rest().swapBytes());
    json.endObject();
  }

  private static void known(JsonWriter json, String name, String value) throws IOException {
    json.name(name).value(value.isEmpty() ? null : InspectJson.harmless(value));
  }
}
