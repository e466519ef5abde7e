package io.leakwatch.export.text;

import io.leakwatch.verdict.VerdictKind;

/**
 * Emphasis in a text for a terminal.
 *
 * @param colours whether the reader is a terminal that shows ANSI colours; without them there is no
 *     emphasis
 */
record Style(boolean colours) {

  String bold(String text) {
    return coloured("1", text);
  }

  String faint(String text) {
    return coloured("2", text);
  }

  /** A text in the colour of a verdict. */
  String verdict(VerdictKind kind, String text) {
    return switch (kind) {
      case LEAK -> red(text);
      case HELD, PINNED, GROWING -> coloured("33;1", text);
      default -> coloured("32", text);
    };
  }

  String red(String text) {
    return coloured("31;1", text);
  }

  String cyan(String text) {
    return coloured("36", text);
  }

  private String coloured(String code, String text) {
    return colours && !text.isEmpty() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
