package io.leakwatch.export.json;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.SavedView.KnownFigures;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.sample.Signal;
import io.leakwatch.text.ForeignText;
import io.leakwatch.verdict.Verdict;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One process as the JSON object of {@code inspect --json}, {@code diagnose --json} and {@code
 * /api/v1/processes/NAME}. What is unknown is null or missing, never 0.
 */
public final class InspectJson {
  private static final int TEXT_CHARACTERS_MAX = 4096;

  private InspectJson() {}

  /** The object with pictures of the heaps, indented, without a line end. */
  public static String of(ProcessView view) {
    return JsonText.indented(
        json -> {
          json.beginObject();
          writeFields(json, view, true);
          json.endObject();
        });
  }

  public static void write(JsonWriter json, ProcessView view) throws IOException {
    json.beginObject();
    writeFields(json, view, false);
    json.endObject();
  }

  /**
   * The fields without the braces.
   *
   * @param isDrawn whether with pictures of the heaps, which take as many bytes as all the rest
   */
  static void writeFields(JsonWriter json, ProcessView view, boolean isDrawn) throws IOException {
    ProcessView.Identity identity = view.identity();
    ProcessView.Memory memory = view.memory();
    ProcessView.Assessment assessment = view.assessment();
    json.name("pid").value(identity.pid());
    text(json, "name", view.name());
    text(json, "container", identity.place().container());
    json.name("inner_pid").value(identity.place().pid());
    text(json, "exe", identity.exe());
    text(json, "build_id", identity.buildId());
    text(json, "command_line", identity.commandLine());
    instant(json, "start_time", identity.startTime());
    json.name("up").value(view.reading().up());
    text(json, "problem", view.reading().problem());
    writeMemory(json, memory, KnownFigures.of(memory));
    number(json, "load_cores", view.work().cores());
    if (view.heaps().ptmalloc() != null) {
      PtmallocJson.write(json, view.heaps().ptmalloc(), isDrawn);
    }
    AllocatorJson.write(json, view, isDrawn);
    writeResources(json, view);
    json.name("severity").value(assessment.severity().wireName());
    instant(json, "severity_since", assessment.severitySince());
    instant(json, "sampled_at", view.reading().sampledAt());
    if (assessment.verdict() != null) {
      writeVerdict(json, assessment.verdict());
    }
    writeReads(json, view);
  }

  /** What the kernel says of its memory, by kind. */
  static void writeMemory(JsonWriter json, ProcessView.Memory memory, KnownFigures known)
      throws IOException {
    Layout layout = memory.layout();
    json.name("allocators").beginArray();
    if (layout != null) {
      for (String allocator : layout.allocators()) {
        json.value(allocator);
      }
    }
    json.endArray();
    number(json, "rss_bytes", memory.residentBytes());
    number(json, "anonymous_bytes", memory.anonymousBytes());
    number(json, "swap_bytes", memory.swapBytes());
    number(json, "lazy_free_bytes", memory.lazyFreeBytes());
    if (layout != null) {
      json.name("mapping_count").value(layout.mappingCount());
      if (layout.transparentHugeBytes() >= 0) {
        json.name("transparent_huge_bytes").value(layout.transparentHugeBytes());
      }
      json.name("exact").value(layout.exact());
      writeKinds(json, layout, known);
    }
  }

  private static void writeKinds(JsonWriter json, Layout layout, KnownFigures known)
      throws IOException {
    json.name("kinds").beginObject();
    for (RegionKind kind : RegionKind.values()) {
      Layout.Totals totals = layout.kinds().get(kind);
      if (totals == null) {
        continue;
      }
      json.name(kind.wireName()).beginObject();
      json.name("count").value(totals.count());
      json.name("mapped_bytes").value(totals.mappedBytes());
      figure(json, "resident_bytes", known.resident(), totals.residentBytes());
      figure(json, "anonymous_bytes", known.anonymous(), totals.anonymousBytes());
      figure(json, "swap_bytes", known.swap(), totals.swapBytes());
      figure(json, "lazy_free_bytes", known.lazyFree(), totals.lazyFreeBytes());
      if (layout.basis().byShape().contains(kind)) {
        json.name("classified_by").value("shape");
      }
      json.endObject();
    }
    json.endObject();
    json.name("kinds_notes").beginArray();
    for (String note : layout.basis().notes()) {
      json.value(note);
    }
    json.endArray();
  }

  private static void writeResources(JsonWriter json, ProcessView view) throws IOException {
    json.name("resources").beginArray();
    for (ProcessView.ResourceUse use : view.resources()) {
      json.beginObject();
      json.name("resource").value(use.resource().wireName());
      text(json, "limit_name", use.limitName());
      number(json, "used", use.used());
      number(json, "limit", use.limit());
      if (!use.what().isEmpty()) {
        text(json, "most", use.what());
      }
      json.endObject();
    }
    json.endArray();
  }

  private static void writeVerdict(JsonWriter json, Verdict verdict) throws IOException {
    json.name("verdict").value(verdict.kind().wireName());
    number(json, "confidence", verdict.confidence());
    json.name("reasons").beginArray();
    for (String reason : verdict.reasons()) {
      json.value(harmless(reason));
    }
    json.endArray();
    number(json, "growth_bytes_per_second", verdict.growth().bytesPerSecond());
    number(json, "growth_error_bytes_per_second", verdict.growth().errorBytesPerSecond());
    number(json, "growth_since_seconds", verdict.growth().sinceSeconds());
    number(json, "evidence", verdict.growth().evidence());
    json.name("growth").beginObject();
    for (Map.Entry<Signal, Double> growth : verdict.growth().bySignal().entrySet()) {
      Optional<RegionKind> kind = growth.getKey().kind();
      if (kind.isPresent()) {
        number(json, kind.get().wireName(), growth.getValue());
      }
    }
    json.endObject();
    json.name("load").beginArray();
    for (Verdict.Load load : verdict.load()) {
      json.beginObject();
      text(json, "metric", load.metric());
      number(json, "explained_fraction", load.explainedFraction());
      json.name("counter").value(load.counter());
      number(json, "bytes_per_unit", load.bytesPerUnit());
      json.endObject();
    }
    json.endArray();
    json.name("changes").beginArray();
    for (Verdict.NamedChange change : verdict.changes()) {
      json.beginObject();
      json.name("time").value(Instant.ofEpochMilli((long) (change.timeSeconds() * 1e3)).toString());
      text(json, "kind", change.kind());
      text(json, "text", change.text());
      json.endObject();
    }
    json.endArray();
    json.name("limits").beginArray();
    for (Verdict.Exhaustion limit : verdict.forecast().exhaustion()) {
      json.beginObject();
      text(json, "name", limit.limitName());
      number(json, "bytes", limit.limitBytes());
      number(json, "exhaustion_seconds", limit.seconds());
      json.endObject();
    }
    json.endArray();
  }

  private static void writeReads(JsonWriter json, ProcessView view) throws IOException {
    json.name("reads").beginArray();
    for (ProcessView.ReadCost read : view.reading().costs()) {
      json.beginObject();
      text(json, "source", read.source());
      json.name("count").value(read.count());
      number(json, "seconds", read.seconds());
      number(json, "longest_seconds", read.longestSeconds());
      json.endObject();
    }
    json.endArray();
    json.name("errors").beginObject();
    for (Map.Entry<String, Long> error : view.reading().errors().entrySet()) {
      json.name(ForeignText.harmless(error.getKey(), 64)).value(error.getValue());
    }
    json.endObject();
    json.name("recent").beginArray();
    for (ProcessView.Point point : view.memory().recent()) {
      json.beginArray();
      json.value(point.time().toEpochMilli() / 1e3);
      json.value(Double.isFinite(point.bytes()) ? (Number) point.bytes() : null);
      json.endArray();
    }
    json.endArray();
  }

  static String address(long address) {
    return "0x" + Long.toHexString(address);
  }

  static void text(JsonWriter json, String name, String value) throws IOException {
    json.name(name).value(harmless(value));
  }

  static void instant(JsonWriter json, String name, @Nullable Instant value) throws IOException {
    json.name(name).value(value == null ? null : value.toString());
  }

  /** Of what process a part is told, and since when that is so. */
  static void writeHead(JsonWriter json, ProcessView view) throws IOException {
    text(json, "process", view.name());
    json.name("pid").value(view.identity().pid());
    instant(json, "sampled_at", view.reading().sampledAt());
  }

  static void figure(JsonWriter json, String name, boolean known, long bytes) throws IOException {
    number(json, name, known ? bytes : Double.NaN);
  }

  static String harmless(String foreign) {
    return ForeignText.harmless(foreign, TEXT_CHARACTERS_MAX);
  }

  /** JSON has no word for infinity or NaN; whole numbers are written without a fraction. */
  static void number(JsonWriter json, String name, double value) throws IOException {
    json.name(name);
    if (!Double.isFinite(value)) {
      json.nullValue();
    } else if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
      json.value((long) value);
    } else {
      json.value(value);
    }
  }
}
