package io.leakwatch.export;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The heap profiles in the report of an incident: one of its beginning and, where it lasted, a
 * later one, in pprof's format. They are kept in the report and shown as links.
 */
public final class IncidentProfiles {
  /** Member of what {@code diagnose} prints for the agent. */
  public static final String FOUND = "profile";

  static final String BEGIN = "profile_begin";
  static final String LATER = "profile_later";
  private static final String DIFFERENCE = "profile_difference";
  private static final String BYTES = "pprof";
  private static final String HREF = "href";
  private static final Map<String, String> FILES = new LinkedHashMap<>();

  static {
    FILES.put(BEGIN, "profile-begin.pb.gz");
    FILES.put(LATER, "profile-later.pb.gz");
    FILES.put(DIFFERENCE, "profile-difference.pb.gz");
  }

  private IncidentProfiles() {}

  /**
   * One as it is kept.
   *
   * @param at when it was taken
   */
  static JsonObject kept(JsonElement base64, String at) {
    JsonObject profile = new JsonObject();
    profile.addProperty("at", at);
    profile.add(BYTES, base64);
    return profile;
  }

  /**
   * A report with links in the place of the profiles.
   *
   * @param path of the incident, without an end
   */
  public static String linked(String report, String path) {
    JsonObject shown = IncidentReport.object(report).orElse(null);
    if (shown == null) {
      return report;
    }
    boolean isBoth = shown.has(BEGIN) && shown.has(LATER);
    FILES.forEach(
        (member, file) -> {
          if (member.equals(DIFFERENCE) ? isBoth : shown.get(member) instanceof JsonObject) {
            JsonObject link = new JsonObject();
            if (shown.get(member) instanceof JsonObject profile) {
              link.add("at", profile.get("at"));
            }
            link.addProperty(HREF, path + "/" + file);
            shown.add(member, link);
          }
        });
    return shown.toString();
  }

  /** A profile of a report; empty where there is none. */
  public static Optional<byte[]> find(String report, String file) {
    try {
      return FILES.entrySet().stream()
          .filter(one -> one.getValue().equals(file))
          .findFirst()
          .flatMap(one -> IncidentReport.object(report).map(object -> object.get(one.getKey())))
          .filter(JsonObject.class::isInstance)
          .map(profile -> profile.getAsJsonObject().get(BYTES))
          .map(bytes -> Base64.getDecoder().decode(bytes.getAsString()));
    } catch (IllegalArgumentException | IllegalStateException | UnsupportedOperationException e) {
      return Optional.empty(); // It was kept by something else.
    }
  }

  /** Whether a file is what the later profile has more than the first. */
  public static boolean isDifference(String file) {
    return file.equals(FILES.get(DIFFERENCE));
  }

  /** The first profile of a report. */
  public static Optional<byte[]> begin(String report) {
    return find(report, "profile-begin.pb.gz");
  }

  /** The later one. */
  public static Optional<byte[]> later(String report) {
    return find(report, "profile-later.pb.gz");
  }
}
