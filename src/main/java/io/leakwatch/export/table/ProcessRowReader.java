package io.leakwatch.export.table;

import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.leakwatch.alert.Severity;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.json.InspectJson;
import io.leakwatch.heap.Balance;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Takes of the JSON object that {@link InspectJson} writes what a {@link ProcessRow} shows. */
final class ProcessRowReader {
  private static final Map<String, Balance.Part> PARTS =
      Balance.Part.all().stream()
          .collect(Collectors.toUnmodifiableMap(Balance.Part::fieldName, part -> part));

  private String name = "";
  private int pid;
  private String exe = "";
  private String commandLine = "";
  private boolean up;
  private String problem = "";
  private String verdict = "";
  private double confidence = Double.NaN;
  private final List<String> reasons = new ArrayList<>();
  private Severity severity = Severity.NONE;
  private double residentBytes = Double.NaN;
  private double anonymousBytes = Double.NaN;
  private double inUseBytes = Double.NaN;
  private double freeBytes = Double.NaN;
  private double pinnedBytes = Double.NaN;
  private double arenas = Double.NaN;
  private final MemoryShares.Sum shares = new MemoryShares.Sum();
  private double growthBytesPerSecond = Double.NaN;
  private final List<ProcessRow.Limit> limits = new ArrayList<>();
  private @Nullable Instant sampledAt;
  private final Deque<ProcessView.Point> recent = new ArrayDeque<>();

  private ProcessRowReader() {}

  private interface Item {
    void read() throws IOException;
  }

  static ProcessRow read(JsonReader json) throws IOException {
    ProcessRowReader row = new ProcessRowReader();
    json.beginObject();
    while (json.hasNext()) {
      row.field(json.nextName(), json);
    }
    json.endObject();
    return new ProcessRow(
        row.name,
        row.pid,
        row.commandLine.isEmpty() ? row.exe : row.commandLine,
        new ProcessRow.Reading(row.up, row.problem, row.sampledAt),
        new ProcessRow.Assessment(
            row.verdict,
            row.confidence,
            row.reasons,
            row.severity,
            row.growthBytesPerSecond,
            row.limits),
        new ProcessRow.Memory(
            row.residentBytes,
            row.anonymousBytes,
            row.inUseBytes,
            row.freeBytes,
            row.pinnedBytes,
            row.arenas,
            row.shares.shares()),
        List.copyOf(row.recent));
  }

  private void field(String field, JsonReader json) throws IOException {
    switch (field) {
      case "name" -> name = text(json);
      case "pid" -> pid = json.nextInt();
      case "exe" -> exe = text(json);
      case "command_line" -> commandLine = text(json);
      case "up" -> up = json.nextBoolean();
      case "problem" -> problem = text(json);
      case "verdict" -> verdict = text(json);
      case "confidence" -> confidence = number(json);
      case "reasons" -> array(json, () -> keep(text(json)));
      case "severity" -> severity = Severity.valueOf(text(json).toUpperCase(Locale.ROOT));
      case "rss_bytes" -> residentBytes = number(json);
      case "anonymous_bytes" -> anonymousBytes = number(json);
      case "ptmalloc" -> ptmalloc(json);
      case "jemalloc" -> jemalloc(json);
      case "owners" -> array(json, () -> owner(json));
      case "mapped_bytes" -> shares.add(MemoryShares.Part.OTHER, Math.round(number(json)));
      case "stack_bytes" -> shares.add(MemoryShares.Part.STACKS, Math.round(number(json)));
      case "file_bytes", "shared_bytes" ->
          shares.add(MemoryShares.Part.FILES, Math.round(number(json)));
      case "unexplained_bytes" ->
          shares.add(MemoryShares.Part.UNEXPLAINED, Math.round(number(json)));
      case "growth_bytes_per_second" -> growthBytesPerSecond = number(json);
      case "limits" -> array(json, () -> limit(json));
      case "sampled_at" -> {
        String time = text(json);
        sampledAt = time.isEmpty() ? null : Instant.parse(time);
      }
      case "recent" -> array(json, () -> point(json));
      default -> json.skipValue();
    }
  }

  private void keep(String reason) {
    if (reasons.size() < ProcessRow.REASONS_MAX) {
      reasons.add(reason);
    }
  }

  private void ptmalloc(JsonReader json) throws IOException {
    json.beginObject();
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "arena_count" -> arenas = number(json);
        case "in_use_bytes" -> inUseBytes = ProcessRow.sum(inUseBytes, number(json));
        case "free_bytes", "top_bytes" -> freeBytes = ProcessRow.sum(freeBytes, number(json));
        case "pinned_bytes" -> pinnedBytes = number(json);
        default -> json.skipValue();
      }
    }
    json.endObject();
  }

  private void jemalloc(JsonReader json) throws IOException {
    double allocated = Double.NaN;
    double kept = 0;
    json.beginObject();
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "allocated_bytes" -> allocated = number(json);
        case "active_bytes", "dirty_bytes", "muzzy_bytes" -> kept += number(json);
        default -> json.skipValue();
      }
    }
    json.endObject();
    inUseBytes = ProcessRow.sum(inUseBytes, allocated);
    freeBytes = ProcessRow.sum(freeBytes, kept - allocated);
  }

  private void owner(JsonReader json) throws IOException {
    json.beginObject();
    while (json.hasNext()) {
      Balance.Part part = PARTS.get(json.nextName());
      if (part == null) {
        json.skipValue();
      } else {
        shares.add(part, Math.round(number(json)));
      }
    }
    json.endObject();
  }

  private void limit(JsonReader json) throws IOException {
    String limitName = "";
    double seconds = Double.NaN;
    json.beginObject();
    while (json.hasNext()) {
      switch (json.nextName()) {
        case "name" -> limitName = text(json);
        case "exhaustion_seconds" -> seconds = number(json);
        default -> json.skipValue();
      }
    }
    json.endObject();
    if (limits.size() < ProcessRow.LIMITS_MAX) {
      limits.add(new ProcessRow.Limit(limitName, seconds));
    }
  }

  private void point(JsonReader json) throws IOException {
    json.beginArray();
    double seconds = json.nextDouble();
    double bytes = number(json);
    json.endArray();
    if (recent.size() == ProcessRow.POINTS_MAX) {
      recent.removeFirst();
    }
    recent.add(new ProcessView.Point(Instant.ofEpochMilli(Math.round(seconds * 1e3)), bytes));
  }

  private static void array(JsonReader json, Item item) throws IOException {
    json.beginArray();
    while (json.hasNext()) {
      item.read();
    }
    json.endArray();
  }

  private static String text(JsonReader json) throws IOException {
    if (json.peek() == JsonToken.NULL) {
      json.nextNull();
      return "";
    }
    return json.nextString();
  }

  private static double number(JsonReader json) throws IOException {
    if (json.peek() == JsonToken.NULL) {
      json.nextNull();
      return Double.NaN;
    }
    return json.nextDouble();
  }
}
