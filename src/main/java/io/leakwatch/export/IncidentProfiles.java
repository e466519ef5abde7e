package io.leakwatch.export;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
    for (String member : List.of(BEGIN, LATER)) {
      if (shown.get(member) instanceof JsonObject profile) {
        JsonObject link = link(path, member);
        link.add("at", profile.get("at"));
        shown.add(member, link);
      }
    }
    if (isBoth) {
      shown.add(DIFFERENCE, link(path, DIFFERENCE));
    }
    return shown.toString();
  }

  private static JsonObject link(String path, String member) {
    JsonObject link = new JsonObject();
    link.addProperty(HREF, path + "/" + file(member));
    return link;
  }

  /** E.g. {@code profile-begin.pb.gz}. */
  private static String file(String member) {
    return member.replace('_', '-') + ".pb.gz";
  }

  /** A profile of a report; empty where there is none. */
  public static Optional<byte[]> find(String report, String file) {
    return Stream.of(BEGIN, LATER)
        .filter(member -> file(member).equals(file))
        .findFirst()
        .flatMap(member -> kept(report, member));
  }

  /** Whether a file is what the later profile has more than the first. */
  public static boolean isDifference(String file) {
    return file.equals(file(DIFFERENCE));
  }

  /** The first profile of a report. */
  public static Optional<byte[]> begin(String report) {
    return kept(report, BEGIN);
  }

  /** The later one. */
  public static Optional<byte[]> later(String report) {
    return kept(report, LATER);
  }

  private static Optional<byte[]> kept(String report, String member) {
    try {
      return IncidentReport.object(report)
          .map(object -> object.get(member))
          .filter(JsonObject.class::isInstance)
          .map(profile -> profile.getAsJsonObject().get(BYTES))
          .map(bytes -> Base64.getDecoder().decode(bytes.getAsString()));
    } catch (IllegalArgumentException | IllegalStateException | UnsupportedOperationException e) {
      return Optional.empty(); // It was kept by something else.
    }
  }
}
