package io.leakwatch.export.api;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentProfiles;
import io.leakwatch.export.IncidentSource;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.http.Body;
import io.leakwatch.export.json.InspectJson;
import io.leakwatch.export.profile.HeapProfile;
import io.leakwatch.export.profile.PprofFile;
import io.leakwatch.text.ForeignText;
import java.io.BufferedWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The paths below {@code /api/v1}. */
public final class Api {
  static final String ROOT = "/api/v1/";
  private static final String INCIDENTS = ROOT + "incidents/";
  private static final int PROFILE_BYTES_MAX = 1 << 20;

  private final Supplier<Snapshot> current;
  private final IncidentSource incidents;

  public Api(Supplier<Snapshot> current, IncidentSource incidents) {
    this.current = current;
    this.incidents = incidents;
  }

  private interface Json {
    void to(JsonWriter json) throws IOException;
  }

  /** The answer to a path, decoded; empty when there is no such thing. */
  public Optional<Body.Writing> get(String path) {
    String rest = path.substring(ROOT.length());
    int slash = rest.indexOf('/');
    String collection = slash < 0 ? rest : rest.substring(0, slash);
    Optional<String> item = slash < 0 ? Optional.empty() : Optional.of(rest.substring(slash + 1));
    return switch (collection) {
      case "processes" -> item.isEmpty() ? Optional.of(processes()) : item.flatMap(this::process);
      case "incidents" ->
          item.isEmpty() ? Optional.of(newestIncidents()) : item.flatMap(this::incident);
      default -> Optional.empty();
    };
  }

  private Body.Writing processes() {
    Snapshot snapshot = current.get();
    return json(
        json -> {
          json.beginObject();
          json.name("taken_at").value(snapshot.takenAt().toString());
          json.name("processes").beginArray();
          for (ProcessView view : snapshot.processes()) {
            InspectJson.write(json, view);
          }
          json.endArray().endObject();
        });
  }

  private Optional<Body.Writing> process(String name) {
    return current.get().processes().stream()
        .filter(view -> view.name().equals(name))
        .findFirst()
        .map(view -> json(json -> InspectJson.write(json, view)));
  }

  private Body.Writing newestIncidents() {
    List<Incident> newest = incidents.newest();
    return json(
        json -> {
          json.beginObject().name("incidents").beginArray();
          for (Incident incident : newest) {
            writeHead(json, incident);
            json.endObject();
          }
          json.endArray().endObject();
        });
  }

  private Optional<Body.Writing> incident(String id) {
    return incidents
        .find(id)
        .map(
            incident ->
                json(
                    json -> {
                      writeHead(json, incident);
                      if (!incident.evidence().reportJson().isEmpty()) {
                        json.name("report")
                            .jsonValue(
                                IncidentProfiles.linked(
                                    incident.evidence().reportJson(), INCIDENTS + id));
                      }
                      json.endObject();
                    }));
  }

  /** The heap profile of an incident at a path, in pprof's format; empty for another path. */
  Optional<byte[]> profile(String path) {
    int slash = path.lastIndexOf('/');
    if (!path.startsWith(INCIDENTS) || slash < INCIDENTS.length()) {
      return Optional.empty();
    }
    String file = path.substring(slash + 1);
    return incidents
        .find(path.substring(INCIDENTS.length(), slash))
        .map(incident -> incident.evidence().reportJson())
        .flatMap(
            report ->
                IncidentProfiles.isDifference(file)
                    ? difference(report)
                    : IncidentProfiles.find(report, file));
  }

  private static Optional<byte[]> difference(String report) {
    byte[] begin = IncidentProfiles.begin(report).orElse(null);
    byte[] later = IncidentProfiles.later(report).orElse(null);
    if (begin == null || later == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(PprofFile.of(profile(later).since(profile(begin)), PROFILE_BYTES_MAX));
    } catch (IOException e) {
      return Optional.empty(); // It was kept by something else.
    }
  }

  private static HeapProfile profile(byte[] file) throws IOException {
    return PprofFile.read(new ByteArrayInputStream(file), PROFILE_BYTES_MAX);
  }

  private static void writeHead(JsonWriter json, Incident incident) throws IOException {
    json.beginObject();
    json.name("id").value(incident.id());
    json.name("process").value(ForeignText.harmless(incident.process(), 256));
    json.name("verdict").value(incident.verdict());
    json.name("severity").value(incident.severity().wireName());
    json.name("since").value(incident.since().toString());
    json.name("until").value(incident.until() == null ? null : incident.until().toString());
    json.name("summary").value(ForeignText.harmless(incident.evidence().summary(), 4096));
    json.name("suspect").value(ForeignText.harmless(incident.evidence().suspect(), 512));
  }

  private static Body.Writing json(Json content) {
    return out -> {
      Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
      JsonWriter json = new JsonWriter(text);
      content.to(json);
      json.flush();
      text.write('\n');
      text.flush();
    };
  }
}
