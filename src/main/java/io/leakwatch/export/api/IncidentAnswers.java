package io.leakwatch.export.api;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentProfiles;
import io.leakwatch.export.IncidentSource;
import io.leakwatch.export.profile.FlameGraph;
import io.leakwatch.export.profile.HeapProfile;
import io.leakwatch.export.profile.PprofFile;
import io.leakwatch.export.text.IncidentHtml;
import io.leakwatch.text.ForeignText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;

/** Incidents as JSON, and the heap profiles that are kept with them. */
final class IncidentAnswers {
  private static final int PROFILE_BYTES_MAX = 1 << 20;

  private final IncidentSource incidents;

  IncidentAnswers(IncidentSource incidents) {
    this.incidents = incidents;
  }

  Optional<Incident> find(String id) {
    return incidents.find(id);
  }

  /** The heads of those that are wanted, the newest first. */
  void writeNewest(JsonWriter json, Predicate<Incident> wanted) throws IOException {
    json.beginObject().name("incidents").beginArray();
    for (Incident incident : incidents.newest()) {
      if (wanted.test(incident)) {
        writeHead(json, incident);
        json.endObject();
      }
    }
    json.endArray().endObject();
  }

  /**
   * One with its evidence.
   *
   * @param path of the incident, to link to what belongs to it
   */
  static void write(JsonWriter json, Incident incident, String path) throws IOException {
    writeHead(json, incident);
    if (!incident.evidence().reportJson().isEmpty()) {
      json.name("report")
          .jsonValue(IncidentProfiles.linked(incident.evidence().reportJson(), path));
    }
    json.endObject();
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

  /** A heap profile of an incident by its file name, in pprof's format; empty where none is. */
  static Optional<byte[]> profile(Incident incident, String file) {
    String report = incident.evidence().reportJson();
    if (!IncidentProfiles.isDifference(file)) {
      return IncidentProfiles.find(report, file);
    }
    try {
      Optional<HeapProfile> difference = difference(report);
      return difference.isEmpty()
          ? Optional.empty()
          : Optional.of(PprofFile.of(difference.get(), PROFILE_BYTES_MAX));
    } catch (IOException e) {
      return Optional.empty(); // It was kept by something else.
    }
  }

  /**
   * The flame graph of what came between the two profiles of an incident, or of the first where
   * there is no second.
   */
  static Optional<String> flame(Incident incident) {
    String report = incident.evidence().reportJson();
    try {
      Optional<HeapProfile> difference = difference(report);
      if (difference.isPresent()) {
        return Optional.of(FlameGraph.of(difference.get(), true));
      }
      byte[] begin = IncidentProfiles.begin(report).orElse(null);
      return begin == null ? Optional.empty() : Optional.of(FlameGraph.of(profile(begin), false));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Its evidence as one file that loads nothing. */
  static String page(Incident incident) {
    return IncidentHtml.of(incident, flame(incident).orElse(""));
  }

  private static Optional<HeapProfile> difference(String report) throws IOException {
    byte[] begin = IncidentProfiles.begin(report).orElse(null);
    byte[] later = IncidentProfiles.later(report).orElse(null);
    return begin == null || later == null
        ? Optional.empty()
        : Optional.of(profile(later).since(profile(begin)));
  }

  private static HeapProfile profile(byte[] file) throws IOException {
    return PprofFile.read(new ByteArrayInputStream(file), PROFILE_BYTES_MAX);
  }
}
