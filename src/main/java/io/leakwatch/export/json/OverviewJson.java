package io.leakwatch.export.json;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.export.AgentView;
import io.leakwatch.export.Incident;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.RssBalance;
import io.leakwatch.export.Snapshot;
import io.leakwatch.heap.Balance;
import io.leakwatch.region.Layout;
import io.leakwatch.text.ForeignText;
import io.leakwatch.verdict.Verdict;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All watched processes, a few figures of each: what a list shows, in a small part of the bytes
 * that the whole objects have.
 */
public final class OverviewJson {
  private static final int POINTS_MAX = 48;
  private static final int TEXT_CHARACTERS_MAX = 300;

  private OverviewJson() {}

  public static void write(JsonWriter json, Snapshot snapshot, String version) throws IOException {
    json.beginObject();
    json.name("taken_at").value(snapshot.takenAt().toString());
    json.name("processes").beginArray();
    for (ProcessView view : snapshot.processes()) {
      writeProcess(json, view, snapshot.incidents().get(view.name()));
    }
    json.endArray();
    json.name("agent");
    writeAgent(json, snapshot.agent(), version);
    json.endObject();
  }

  private static void writeProcess(JsonWriter json, ProcessView view, @Nullable Incident incident)
      throws IOException {
    ProcessView.Assessment assessment = view.assessment();
    Verdict verdict = assessment.verdict();
    json.beginObject();
    text(json, "name", view.name());
    json.name("pid").value(view.identity().pid());
    text(json, "exe", view.identity().exe());
    json.name("up").value(view.reading().up());
    text(json, "problem", view.reading().problem());
    InspectJson.instant(json, "start_time", view.identity().startTime());
    json.name("verdict").value(verdict == null ? "unknown" : verdict.kind().wireName());
    text(json, "reason", reason(assessment));
    json.name("severity").value(assessment.severity().wireName());
    InspectJson.instant(json, "severity_since", assessment.severitySince());
    json.name("incident").value(incident == null ? null : incident.id());
    text(json, "suspect", incident == null ? "" : incident.evidence().suspect());
    InspectJson.number(json, "rss_bytes", view.memory().residentBytes());
    InspectJson.number(json, "anonymous_bytes", view.memory().anonymousBytes());
    InspectJson.number(
        json,
        "growth_bytes_per_second",
        verdict == null ? Double.NaN : verdict.growth().bytesPerSecond());
    json.name("limit");
    writeLimit(json, verdict);
    json.name("balance");
    writeBalance(json, view);
    json.name("recent");
    writeRecent(json, view.memory().recent());
    json.endObject();
  }

  /** What speaks for the verdict; while something is reported, what spoke for that. */
  private static String reason(ProcessView.Assessment assessment) {
    Verdict told = assessment.reported() == null ? assessment.verdict() : assessment.reported();
    return told == null || told.reasons().isEmpty() ? "" : told.reasons().get(0);
  }

  /** The limit that is met first, null where none is known. */
  private static void writeLimit(JsonWriter json, @Nullable Verdict verdict) throws IOException {
    if (verdict == null || verdict.forecast().exhaustion().isEmpty()) {
      json.nullValue();
      return;
    }
    Verdict.Exhaustion limit = verdict.forecast().exhaustion().get(0);
    json.beginObject();
    text(json, "name", limit.limitName());
    InspectJson.number(json, "bytes", limit.limitBytes());
    InspectJson.number(json, "exhaustion_seconds", limit.seconds());
    json.endObject();
  }

  /** The parts of the balance that add up to what is resident; null where it is not known. */
  static void writeBalance(JsonWriter json, ProcessView view) throws IOException {
    Layout layout = view.memory().layout();
    if (layout == null) {
      json.nullValue();
      return;
    }
    RssBalance balance = RssBalance.of(layout, view.heaps().owners());
    json.beginObject();
    for (Balance.Part part : Balance.Part.all()) {
      if (part.isResident()) {
        json.name(part.fieldName()).value(balance.bytes(part));
      }
    }
    json.name("mapped_bytes").value(balance.mappedBytes());
    json.name("file_bytes").value(balance.fileBytes());
    json.name("shared_bytes").value(balance.sharedBytes());
    json.name("unexplained_bytes").value(balance.unexplainedBytes());
    json.endObject();
  }

  /** Whole seconds and bytes, every so many points. */
  private static void writeRecent(JsonWriter json, List<ProcessView.Point> recent)
      throws IOException {
    int every = Math.max(1, (recent.size() + POINTS_MAX - 1) / POINTS_MAX);
    json.beginArray();
    for (int i = (recent.size() - 1) % every; i >= 0 && i < recent.size(); i += every) {
      ProcessView.Point point = recent.get(i);
      if (Double.isFinite(point.bytes())) {
        json.beginArray();
        json.value(point.time().getEpochSecond());
        json.value(Math.round(point.bytes()));
        json.endArray();
      }
    }
    json.endArray();
  }

  private static void writeAgent(JsonWriter json, AgentView agent, String version)
      throws IOException {
    json.beginObject();
    json.name("version").value(version);
    json.name("rounds").value(agent.rounds());
    InspectJson.number(json, "budget_ratio", agent.budget().ratio());
    InspectJson.number(json, "budget_used_ratio", agent.budget().usedRatio());
    InspectJson.number(json, "history_bytes", agent.historyBytes());
    json.name("configuration_good").value(agent.configurationGood());
    json.name("dropped").beginObject();
    for (Map.Entry<String, Long> dropped : new TreeMap<>(agent.dropped()).entrySet()) {
      json.name(dropped.getKey()).value(dropped.getValue());
    }
    json.endObject();
    json.name("sinks").beginArray();
    for (AgentView.SinkCount sink : agent.sinks()) {
      json.beginObject();
      text(json, "sink", sink.sink());
      json.name("delivered").value(sink.delivered());
      json.name("failed").value(sink.failed());
      json.endObject();
    }
    json.endArray();
    json.endObject();
  }

  private static void text(JsonWriter json, String name, String value) throws IOException {
    json.name(name).value(ForeignText.harmless(value, TEXT_CHARACTERS_MAX));
  }
}
