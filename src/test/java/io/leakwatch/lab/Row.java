package io.leakwatch.lab;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One look at a server in a phase or with a planted leak: what was said and what is true. The looks
 * at the same share a line of the table.
 *
 * @param faults what is wrong, each in a few words; none for a right row
 * @param verdictRight whether diagnose's verdict is true
 */
record Row(
    Subject subject, Said said, Look.Measured measured, List<String> faults, boolean verdictRight) {

  /** What was looked at, and what is true of it. */
  record Subject(String server, String version, String allocator, String phase, String truth) {}

  /**
   * What the program said.
   *
   * @param unexplained the share of the resident memory that inspect does not explain, null where
   *     it does not say
   * @param mostGrown the kind of mappings that diagnose says grows most
   */
  record Said(
      String inspect,
      @Nullable Double unexplained,
      String verdict,
      double confidence,
      String mostGrown,
      List<Look.Suspect> suspects,
      List<String> reasons,
      String daemon) {

    static Said of(Look look) {
      List<String> reasons = new ArrayList<>();
      look.diagnosis().getAsJsonArray("reasons").forEach(one -> reasons.add(one.getAsString()));
      return new Said(
          String.join(", ", look.allocators()),
          Double.isNaN(look.unexplainedShare()) ? null : look.unexplainedShare(),
          look.verdict(),
          look.confidence(),
          look.mostGrown(),
          look.suspects(),
          reasons,
          look.daemon());
    }

    /** In words; {@code ""} for none. */
    String firstSuspect() {
      return suspects.isEmpty() ? "" : suspects.get(0).toString();
    }

    /** Of the first suspect; {@code ""} where it is not stated. */
    String firstUnreferenced() {
      return suspects.isEmpty() || suspects.get(0).unreferenced() == null
          ? ""
          : Requirements.percent(suspects.get(0).lostFraction());
    }
  }

  static Row of(Subject subject, Look look, List<String> faults, boolean verdictRight) {
    return new Row(subject, Said.of(look), look.measured(), faults, verdictRight);
  }

  /** One that could not be looked at, which is a fault of the laboratory or of the program. */
  static Row failed(Subject subject, Exception why) {
    String message = String.valueOf(why.getMessage()).strip();
    return new Row(
        subject,
        new Said("", null, "", 0, "", List.of(), List.of(), ""),
        new Look.Measured("", "", 0, 0),
        List.of("not run: " + message.lines().findFirst().orElse("") + tail(message)),
        false);
  }

  private static String tail(String message) {
    List<String> lines = message.lines().toList();
    return lines.size() > 1 ? " … " + lines.get(lines.size() - 1) : "";
  }
}
