package io.leakwatch.text;

/** Text that a watched process or a peer has chosen, made harmless for whoever shows it. */
public final class ForeignText {
  private ForeignText() {}

  /**
   * Cuts the text and marks that by an ellipsis, and replaces control characters (terminal escapes
   * among them), lone surrogates and the characters that reorder a line by a question mark.
   */
  public static String harmless(String foreign, int charactersMax) {
    if (foreign.length() <= charactersMax && isHarmless(foreign)) {
      return foreign; // Most texts are, and there are thousands of them in a scrape.
    }
    StringBuilder clean = new StringBuilder(Math.min(foreign.length(), charactersMax));
    int i = 0;
    while (i < foreign.length() && clean.length() < charactersMax) {
      int c = foreign.codePointAt(i);
      i += Character.charCount(c);
      clean.appendCodePoint(isHarmless(c) ? c : '?');
    }
    if (i < foreign.length()) {
      clean.append('…');
    }
    return clean.toString();
  }

  /** The same as text of an HTML or XML element or attribute. */
  public static String markup(String foreign, int charactersMax) {
    return harmless(foreign, charactersMax)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }

  private static boolean isHarmless(String text) {
    int i = 0;
    while (i < text.length() && isHarmless(text.codePointAt(i))) {
      i += Character.charCount(text.codePointAt(i));
    }
    return i >= text.length();
  }

  private static boolean isHarmless(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
