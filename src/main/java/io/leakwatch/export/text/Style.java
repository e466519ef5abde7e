package io.leakwatch.export.text;

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

  String red(String text) {
    return coloured("31;1", text);
  }

  String yellow(String text) {
    return coloured("33;1", text);
  }

  String green(String text) {
    return coloured("32", text);
  }

  String cyan(String text) {
    return coloured("36", text);
  }

  private String coloured(String code, String text) {
    return colours ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
