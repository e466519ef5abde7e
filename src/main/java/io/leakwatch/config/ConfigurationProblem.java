package io.leakwatch.config;

import com.typesafe.config.ConfigOrigin;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What is wrong with a configuration: one line with the file, the line in it, and what to do. */
public final class ConfigurationProblem extends Exception {
  /** A section that several files speak of; the operator's file is named before the defaults. */
  private static final Pattern MERGED = Pattern.compile("merge of (.*?): (\\d+)");

  ConfigurationProblem(String line) {
    super(line);
  }

  static ConfigurationProblem at(ConfigOrigin origin, String what) {
    Matcher merged = MERGED.matcher(origin.description());
    if (merged.lookingAt()) {
      return new ConfigurationProblem(
          merged.group(1) + ":" + merged.group(2) + ": " + oneLine(what));
    }
    String file = origin.filename() == null ? origin.description() : origin.filename();
    String line = origin.lineNumber() > 0 ? ":" + origin.lineNumber() : "";
    return new ConfigurationProblem(file + line + ": " + oneLine(what));
  }

  static String oneLine(String text) {
    return text.replaceAll("\\s*\\R\\s*", " ").strip();
  }
}
