package io.leakwatch.export.table;

import io.leakwatch.text.ForeignText;

/**
 * Foreign text for a screen that is drawn by position. Beside what {@link ForeignText} takes away,
 * a terminal can be led astray by characters that take no column or two (marks, ideographs, emoji)
 * and by letters that it may set from right to left; each of them becomes one question mark, so
 * that here a character is a column.
 */
final class PlainText {
  private static final int WIDE_FROM = 0x1100;

  private PlainText() {}

  /** At most so many characters and, where it was cut, an ellipsis. */
  static String of(String foreign, int charactersMax) {
    StringBuilder plain = new StringBuilder();
    ForeignText.harmless(foreign, charactersMax)
        .codePoints()
        .forEach(c -> plain.append(takesOneColumn(c) ? (char) c : '?'));
    return plain.toString();
  }

  /** Cuts it to so many columns; where something is cut, the last column tells so. */
  static String cut(String plain, int columns) {
    return plain.length() <= columns
        ? plain
        : columns < 1 ? "" : plain.substring(0, columns - 1) + "…";
  }

  /** The same, but what is cut out is the middle: names of instances differ at their ends. */
  static String cutMiddle(String plain, int columns) {
    if (plain.length() <= columns || columns < 3) {
      return cut(plain, columns);
    }
    int tail = (columns - 1) / 2;
    return plain.substring(0, columns - 1 - tail) + "…" + plain.substring(plain.length() - tail);
  }

  private static boolean takesOneColumn(int c) {
    boolean narrow =
        c < WIDE_FROM || (c >= 0x1e00 && c < 0x2100) || (c >= 0x2190 && c < 0x2300) || isBlock(c);
    return narrow && !isMark(c) && !isRightToLeft(c);
  }

  private static boolean isBlock(int c) {
    return c >= 0x2500 && c < 0x25a0;
  }

  private static boolean isMark(int c) {
    return switch (Character.getType(c)) {
      case Character.NON_SPACING_MARK, Character.ENCLOSING_MARK, Character.COMBINING_SPACING_MARK ->
          true;
      default -> false;
    };
  }

  private static boolean isRightToLeft(int c) {
    return switch (Character.getDirectionality(c)) {
      case Character.DIRECTIONALITY_RIGHT_TO_LEFT,
          Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC,
          Character.DIRECTIONALITY_ARABIC_NUMBER ->
          true;
      default -> false;
    };
  }
}
