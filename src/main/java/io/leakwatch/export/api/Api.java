package io.leakwatch.export.api;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentSource;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.SeriesSource;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.http.AnswerMemory;
import io.leakwatch.export.http.Body;
import io.leakwatch.export.http.Request;
import io.leakwatch.export.http.Response;
import io.leakwatch.export.json.HeapJson;
import io.leakwatch.export.json.InspectJson;
import io.leakwatch.export.json.LayoutJson;
import io.leakwatch.export.json.OverviewJson;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The paths below {@code /api/v1}, as {@code openapi.json} describes them. All of it is answered
 * from the newest snapshot, the history and the incidents; no process is touched.
 */
public final class Api {
  static final String ROOT = "/api/v1/";
  private static final String INCIDENTS = ROOT + "incidents/";
  private static final String DESCRIPTION = "openapi.json";
  private static final String JSON = "application/json; charset=utf-8";
  private static final String PROFILE = "application/octet-stream";
  private static final String POLICY = "Content-Security-Policy";
  private static final String STILL =
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

  private final Supplier<Snapshot> current;
  private final SeriesSource series;
  private final IncidentAnswers incidents;
  private final String version;

  /** What is asked beside the snapshot. */
  public record Sources(IncidentSource incidents, SeriesSource series) {
    public static final Sources NONE = new Sources(IncidentSource.NONE, SeriesSource.NONE);
  }

  public Api(Supplier<Snapshot> current, Sources sources, String version) {
    this.current = current;
    this.series = sources.series();
    this.incidents = new IncidentAnswers(sources.incidents());
    this.version = version;
  }

  private interface Json {
    void to(JsonWriter json) throws IOException;
  }

  /** The answer to a request below the root, composed in a memory; empty where there is none. */
  public Optional<Response> get(AnswerMemory memory, Request request) throws IOException {
    String rest = request.path().substring(ROOT.length());
    int slash = rest.indexOf('/');
    String item = slash < 0 ? "" : rest.substring(slash + 1);
    Snapshot snapshot = current.get();
    return switch (slash < 0 ? rest : rest.substring(0, slash + 1)) {
      case "overview" ->
          Optional.of(json(memory, json -> OverviewJson.write(json, snapshot, version)));
      case "processes" -> Optional.of(json(memory, json -> writeProcesses(json, snapshot)));
      case "processes/" -> process(memory, request, item, snapshot);
      case "incidents" ->
          Optional.of(json(memory, json -> incidents.writeNewest(json, incident -> true)));
      case "incidents/" -> incident(memory, item);
      case DESCRIPTION -> Optional.of(description(memory));
      default -> Optional.empty();
    };
  }

  private static void writeProcesses(JsonWriter json, Snapshot snapshot) throws IOException {
    json.beginObject();
    json.name("taken_at").value(snapshot.takenAt().toString());
    json.name("processes").beginArray();
    for (ProcessView view : snapshot.processes()) {
      InspectJson.write(json, view);
    }
    json.endArray().endObject();
  }

  /** A process by its name, which may hold a slash, or a part of what is known of it. */
  private Optional<Response> process(
      AnswerMemory memory, Request request, String item, Snapshot snapshot) throws IOException {
    ProcessView whole = find(snapshot, item);
    if (whole != null) {
      return Optional.of(json(memory, json -> InspectJson.write(json, whole)));
    }
    int slash = item.lastIndexOf('/');
    String name = item.substring(0, Math.max(0, slash));
    String part = item.substring(slash + 1);
    ProcessView view = find(snapshot, name);
    if (part.equals("series")) {
      return series(memory, request, name, snapshot);
    }
    if (view == null) {
      return Optional.empty();
    }
    return switch (part) {
      case "layout" -> Optional.of(json(memory, json -> LayoutJson.write(json, view)));
      case "heap" -> Optional.of(json(memory, json -> HeapJson.write(json, view)));
      case "incidents" ->
          Optional.of(
              json(
                  memory,
                  json ->
                      incidents.writeNewest(json, incident -> incident.process().equals(name))));
      default -> Optional.empty();
    };
  }

  private static @Nullable ProcessView find(Snapshot snapshot, String name) {
    return snapshot.processes().stream()
        .filter(view -> view.name().equals(name))
        .findFirst()
        .orElse(null);
  }

  /** Also of a process that has ended, as far as the history goes back. */
  private Optional<Response> series(
      AnswerMemory memory, Request request, String name, Snapshot snapshot) throws IOException {
    SeriesSource.Range range;
    try {
      range = SeriesAnswer.range(request, snapshot.takenAt().toEpochMilli() / 1e3);
    } catch (IllegalArgumentException e) {
      return Optional.of(Response.text(400, String.valueOf(e.getMessage())));
    }
    SeriesSource.Recorded recorded;
    try {
      recorded = series.read(name, range);
    } catch (IOException e) {
      return Optional.of(Response.busy("the history cannot be read: " + e.getMessage()));
    }
    return recorded.samples().isEmpty() && find(snapshot, name) == null
        ? Optional.empty()
        : Optional.of(json(memory, json -> SeriesAnswer.write(json, name, range, recorded)));
  }

  private Optional<Response> incident(AnswerMemory memory, String item) throws IOException {
    int slash = item.indexOf('/');
    Incident incident = incidents.find(slash < 0 ? item : item.substring(0, slash)).orElse(null);
    if (incident == null) {
      return Optional.empty();
    }
    if (slash < 0) {
      String path = INCIDENTS + incident.id();
      return Optional.of(json(memory, json -> IncidentAnswers.write(json, incident, path)));
    }
    String file = item.substring(slash + 1);
    return switch (file) {
      case "flame.svg" -> IncidentAnswers.flame(incident).map(svg -> text("image/svg+xml", svg));
      case "report.html" ->
          Optional.of(text("text/html; charset=utf-8", IncidentAnswers.page(incident)));
      default ->
          IncidentAnswers.profile(incident, file)
              .map(profile -> new Response(200, PROFILE, Body.of(profile), Map.of()));
    };
  }

  /** What was drawn here, under rules by which a browser runs and loads nothing of it. */
  private static Response text(String type, String text) {
    return new Response(
        200, type, Body.of(text.getBytes(StandardCharsets.UTF_8)), Map.of(POLICY, STILL));
  }

  private static Response description(AnswerMemory memory) throws IOException {
    return new Response(
        200,
        JSON,
        Body.compose(
            memory,
            out -> {
              try (InputStream text = Api.class.getResourceAsStream(DESCRIPTION)) {
                Objects.requireNonNull(text).transferTo(out);
              }
            }),
        Map.of());
  }

  private static Response json(AnswerMemory memory, Json content) throws IOException {
    Body body =
        Body.compose(
            memory,
            out -> {
              Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
              JsonWriter json = new JsonWriter(text);
              content.to(json);
              json.flush();
              text.write('\n');
              text.flush();
            });
    return new Response(200, JSON, body, Map.of());
  }
}
