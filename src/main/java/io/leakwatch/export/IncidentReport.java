package io.leakwatch.export;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The evidence of an incident as a JSON object: that of one moment, and what a diagnosis found,
 * which is laid over it.
 */
public final class IncidentReport {
  private static final int SUSPECT_CHARS_MAX = 300;
  private static final int MISSING_MAX = 50;
  public static final String AT = "at";
  private static final String MISSING = "missing";
  private static final String DIAGNOSED_AT = "diagnosed_at";
  private static final String DIAGNOSES = "diagnoses";
  private static final String DIAGNOSIS = "diagnosis";
  private static final String SERIES = "series";
  private static final String SUSPECTS = "suspects";
  private static final String VERSIONS = "versions";

  /** Members that a diagnosis brings; all others are of the moment {@code at}. */
  private static final Set<String> OF_DIAGNOSIS =
      new TreeSet<>(
          List.of(
              SUSPECTS,
              SERIES,
              VERSIONS,
              DIAGNOSIS,
              DIAGNOSED_AT,
              DIAGNOSES,
              MISSING,
              IncidentProfiles.BEGIN,
              IncidentProfiles.LATER));

  private IncidentReport() {}

  /**
   * What a diagnosis found, to be laid over the evidence of a moment.
   *
   * @param found what {@code diagnose --json} printed, {@code ""} for nothing; what is no JSON
   *     object is left out
   * @param series recorded figures, an object of arrays, {@code ""} for none
   * @param at when the diagnosis ended, null when the process was not diagnosed
   * @param missing what could not be done, and why
   * @param number of this diagnosis among those of the incident, from 1; a later one that found
   *     nothing does not hide what the first has found
   */
  public static String ofDiagnosis(
      String found, String series, @Nullable Instant at, List<String> missing, int number) {
    JsonObject diagnosis = new JsonObject();
    List<String> notes = new ArrayList<>(missing);
    if (at != null) {
      diagnosis.addProperty(DIAGNOSED_AT, at.toString());
      diagnosis.addProperty(DIAGNOSES, number);
    }
    object(series).ifPresent(value -> diagnosis.add(SERIES, value));
    object(found)
        .ifPresent(
            value -> {
              JsonElement suspects = value.remove(SUSPECTS);
              JsonElement profile = value.remove(IncidentProfiles.FOUND);
              if (profile != null && at != null) {
                diagnosis.add(
                    number > 1 ? IncidentProfiles.LATER : IncidentProfiles.BEGIN,
                    IncidentProfiles.kept(profile, at.toString()));
              }
              boolean isNothing = !(suspects instanceof JsonArray all) || all.isEmpty();
              if (number > 1 && isNothing) {
                return;
              }
              diagnosis.add(
                  SUSPECTS, suspects instanceof JsonArray array ? array : new JsonArray());
              if (value.remove(VERSIONS) instanceof JsonObject versions) {
                diagnosis.add(VERSIONS, versions);
              }
              notes.addAll(texts(value.get("notes")));
              diagnosis.add(DIAGNOSIS, value);
            });
    diagnosis.add(MISSING, missing(notes));
    return diagnosis.toString();
  }

  /**
   * What is there before any diagnosis, to be laid over the evidence of a moment.
   *
   * @param versions as far as they are known without one
   */
  public static String begun(Map<String, String> versions, String missing) {
    JsonObject report = object(saying(missing)).orElseGet(JsonObject::new);
    JsonObject known = new JsonObject();
    versions.forEach(known::addProperty);
    report.add(VERSIONS, known);
    return report.toString();
  }

  /** Says that something is missing, to be laid over other evidence. */
  public static String saying(String missing) {
    JsonObject report = new JsonObject();
    report.add(MISSING, missing(List.of(missing)));
    return report.toString();
  }

  /**
   * Lays newer evidence over older. Either may be a part: the newer evidence of a moment replaces
   * the older one as a whole, of a diagnosis each member replaces its older self.
   *
   * @return all that either tells, {@code ""} when neither tells anything
   */
  public static String over(String older, String newer) {
    JsonObject news = older.isEmpty() ? null : object(newer).orElse(null);
    JsonObject old = news == null ? null : object(older).orElse(null);
    if (news == null || old == null) {
      return newer.isEmpty() ? older : newer;
    }
    JsonObject moment = news.has(AT) ? news : old;
    JsonObject all = new JsonObject();
    moment.entrySet().stream()
        .filter(member -> !OF_DIAGNOSIS.contains(member.getKey()))
        .forEach(member -> all.add(member.getKey(), member.getValue()));
    for (String member : OF_DIAGNOSIS) {
      JsonElement value = news.has(member) ? news.get(member) : old.get(member);
      if (value != null) {
        all.add(member, value);
      }
    }
    return all.toString();
  }

  /**
   * Whether there is evidence of a moment, and word of what is missing: no part of an older one.
   */
  public static boolean isWhole(String report) {
    return object(report).map(value -> value.has(AT) && value.has(MISSING)).orElse(false);
  }

  /** The same evidence, which says of one thing more that it is missing. */
  public static String alsoMissing(String report, String what) {
    List<String> all = new ArrayList<>(missing(report));
    all.remove(what);
    all.add(0, what);
    JsonObject said = object(report).orElseGet(JsonObject::new);
    said.add(MISSING, missing(all));
    return said.toString();
  }

  /** When the diagnosis of a report ended, null where there was none. */
  public static @Nullable Instant diagnosedAt(String report) {
    try {
      return object(report)
          .map(value -> value.get(DIAGNOSED_AT))
          .map(at -> Instant.parse(at.getAsString()))
          .orElse(null);
    } catch (DateTimeException | IllegalStateException | UnsupportedOperationException e) {
      return null;
    }
  }

  /** How many diagnoses a report tells of. */
  public static int diagnoses(String report) {
    double count = object(report).map(value -> number(value, DIAGNOSES)).orElse(0.0);
    return count >= 1 && count < 1000 ? (int) count : diagnosedAt(report) == null ? 0 : 1;
  }

  /** The rate of growth in a report, bytes per second; 0 where it does not grow. */
  public static double growth(String report) {
    double rate = object(report).map(value -> number(value, "growth_bytes_per_second")).orElse(0.0);
    return rate > 0 && rate < 1e15 ? rate : 0;
  }

  private static JsonArray missing(List<String> missing) {
    JsonArray array = new JsonArray();
    missing.stream().limit(MISSING_MAX).forEach(text -> array.add(ForeignText.harmless(text, 500)));
    return array;
  }

  /** What is missing from a report. */
  public static List<String> missing(String report) {
    return texts(object(report).map(value -> value.get(MISSING)).orElse(null));
  }

  /** The texts of a list; none where it is something else. */
  public static List<String> texts(@Nullable JsonElement list) {
    return list instanceof JsonArray array
        ? array.asList().stream()
            .filter(JsonElement::isJsonPrimitive)
            .map(JsonElement::getAsString)
            .toList()
        : List.of();
  }

  /**
   * The first suspect in one line: what it is, how many more there are, who holds it. {@code ""}
   * where there is none.
   */
  public static String suspect(String found) {
    JsonElement suspects = object(found).map(value -> value.get(SUSPECTS)).orElse(null);
    if (!(suspects instanceof JsonArray array)
        || array.isEmpty()
        || !(array.get(0) instanceof JsonObject first)) {
      return "";
    }
    StringBuilder line = new StringBuilder();
    String type = text(first, "type");
    line.append(type.isEmpty() ? "chunks" : type);
    double bytes = number(first, "chunk_bytes");
    double count = number(first, "count_growth");
    double grown = number(first, "bytes_growth");
    if (count > 0 && bytes > 0) {
      line.append(String.format(Locale.ROOT, ", +%.0f × %s", count, Quantity.exact((long) bytes)));
    }
    if (grown > 0) {
      line.append(" (").append(Quantity.size(grown)).append(')');
    }
    double unreferenced = number(first, "unreferenced_fraction");
    if (unreferenced >= 0.5) {
      line.append(", " + Quantity.percent(unreferenced) + " of them unreferenced (lost)");
    } else if (first.get("holders") instanceof JsonArray holders
        && !holders.isEmpty()
        && holders.get(0) instanceof JsonObject holder) {
      double share = number(holder, "fraction");
      line.append(", ").append(share < 0.5 ? Quantity.percent(share) + " of them " : "");
      line.append("held by ").append(text(holder, "where"));
    }
    return ForeignText.harmless(line.toString(), SUSPECT_CHARS_MAX);
  }

  public static Optional<JsonObject> object(String text) {
    try {
      return !text.isBlank() && JsonParser.parseString(text) instanceof JsonObject object
          ? Optional.of(object)
          : Optional.empty();
    } catch (JsonParseException e) {
      return Optional.empty();
    }
  }

  public static String text(JsonObject object, String name) {
    return object.get(name) != null && object.get(name).isJsonPrimitive()
        ? object.get(name).getAsString()
        : "";
  }

  public static double number(JsonObject object, String name) {
    return number(object.get(name));
  }

  /** The number that a value is, {@code NaN} where it is none. */
  public static double number(@Nullable JsonElement value) {
    try {
      return value != null && value.isJsonPrimitive() ? value.getAsDouble() : Double.NaN;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
