package io.leakwatch.export.json;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.export.IncidentProfiles;
import io.leakwatch.export.ProcessView;
import io.leakwatch.text.ForeignText;
import io.leakwatch.verdict.Diagnosis;
import io.leakwatch.verdict.Suspect;
import java.io.IOException;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A diagnosis as the JSON object of {@code diagnose --json}: that of {@code inspect}, and why. */
public final class DiagnosisJson {
  private static final int ADDRESSES_MAX = 5;

  private DiagnosisJson() {}

  /**
   * The object, indented, without a line end.
   *
   * @param view of the second reading, with the diagnosis' verdict
   */
  public static String of(ProcessView view, Diagnosis diagnosis) {
    return of(view, diagnosis, null);
  }

  /**
   * The same with a heap profile.
   *
   * @param profile a file in pprof's format, null for none
   */
  public static String of(ProcessView view, Diagnosis diagnosis, byte @Nullable [] profile) {
    return JsonText.indented(
        json -> {
          json.beginObject();
          InspectJson.writeFields(json, view, false);
          InspectJson.number(json, "span_seconds", diagnosis.span().toMillis() / 1e3);
          json.name("suspects").beginArray();
          for (Suspect suspect : diagnosis.suspects()) {
            writeSuspect(json, suspect);
          }
          json.endArray();
          if (profile != null) {
            json.name(IncidentProfiles.FOUND).value(Base64.getEncoder().encodeToString(profile));
          }
          json.name("versions").beginObject();
          for (Map.Entry<String, String> version : new TreeMap<>(diagnosis.versions()).entrySet()) {
            InspectJson.text(json, version.getKey(), version.getValue());
          }
          json.endObject();
          json.name("notes").beginArray();
          for (String note : diagnosis.notes()) {
            json.value(ForeignText.harmless(note, 4096));
          }
          for (String note : diagnosis.details()) {
            json.value(ForeignText.harmless(note, 4096));
          }
          json.endArray();
          json.endObject();
        });
  }

  private static void writeSuspect(JsonWriter json, Suspect suspect) throws IOException {
    json.beginObject();
    json.name("chunk_bytes").value(suspect.chunkBytes());
    json.name("count_growth").value(suspect.countGrowth());
    json.name("bytes_growth").value(suspect.bytesGrowth());
    InspectJson.text(json, "type", suspect.content().type());
    InspectJson.text(json, "module", suspect.content().module());
    InspectJson.text(json, "kind", suspect.kind());
    json.name("samples").beginArray();
    for (String sample : suspect.content().samples()) {
      json.value(ForeignText.harmless(sample, 1024));
    }
    json.endArray();
    json.name("addresses").beginArray();
    for (long address : suspect.addresses().stream().limit(ADDRESSES_MAX).toList()) {
      json.value(InspectJson.address(address));
    }
    json.endArray();
    InspectJson.number(json, "unreferenced_fraction", suspect.references().unreferencedFraction());
    json.name("searched_count").value(suspect.references().survival().living());
    json.name("lost_count").value(suspect.references().survival().lost());
    InspectJson.number(json, "undecided_fraction", suspect.references().undecidedFraction());
    json.name("holders").beginArray();
    for (Suspect.Holder holder : suspect.references().holders()) {
      json.beginObject();
      InspectJson.text(json, "where", holder.where());
      InspectJson.number(json, "fraction", holder.fraction());
      json.endObject();
    }
    json.endArray().endObject();
  }
}
