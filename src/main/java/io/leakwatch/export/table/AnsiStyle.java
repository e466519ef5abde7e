package io.leakwatch.export.table;

import io.leakwatch.alert.Severity;

/** Colours and weights by ANSI's codes (ECMA-48, SGR), or none of them. */
final class AnsiStyle {
  static final String BOLD = "1";
  static final String FAINT = "2";
  static final String CURVE = "36";
  static final String BAD = "31;1";
  private static final String WARNING = "33;1";
  private static final String GOOD = "32";
  private static final String INVERSE = "7";

  private final boolean colours;

  AnsiStyle(boolean colours) {
    this.colours = colours;
  }

  boolean hasColours() {
    return colours;
  }

  String of(String code, String text) {
    return colours && !code.isEmpty() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }

  /** The same on the line that is chosen. */
  static String chosen(String code) {
    return code.isEmpty() ? INVERSE : INVERSE + ";" + code;
  }

  static String ofVerdict(ProcessRow row) {
    if (!row.reading().up()) {
      return BAD;
    }
    return switch (row.assessment().verdict()) {
      case "leak" -> BAD;
      case "unknown", "" -> FAINT;
      default -> row.isAlarming() ? WARNING : GOOD;
    };
  }

  static String ofSeverity(ProcessRow row) {
    return row.assessment().severity() == Severity.CRITICAL
        ? BAD
        : row.assessment().severity() == Severity.WARNING ? WARNING : FAINT;
  }
}
