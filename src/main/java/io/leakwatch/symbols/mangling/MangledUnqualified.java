package io.leakwatch.symbols.mangling;

import io.leakwatch.symbols.mangling.MangledCursor.Unknown;

/**
 * One part of a name, without the scope that it stands in: an identifier, a constructor or
 * destructor, an operator, or what has no name in its source.
 */
final class MangledUnqualified {
  private final MangledCursor cursor;
  private final MangledType types;

  private String lastName = "";

  MangledUnqualified(MangledCursor cursor, MangledType types) {
    this.cursor = cursor;
    this.types = types;
  }

  /**
   * Reads one.
   *
   * @param scope {@code ""} where there is none, and so no constructor
   */
  String text(String scope) throws Unknown {
    if (cursor.peek() == 'L') {
      cursor.at++;
    }
    char c = cursor.peek();
    String text;
    if (Character.isDigit(c)) {
      text = sourceName();
      lastName = text;
    } else if (c == 'C' && !scope.isEmpty()) {
      cursor.at += cursor.peek(1) == 'I' ? 3 : 2;
      text = lastName;
    } else if (c == 'D' && Character.isDigit(cursor.peek(1)) && !scope.isEmpty()) {
      cursor.at += 2;
      text = "~" + lastName;
    } else if (c == 'U') {
      text = unnamed();
      lastName = text;
    } else if (c >= 'a' && c <= 'z') {
      text = operator();
    } else {
      throw new Unknown();
    }
    while (cursor.peek() == 'B') {
      cursor.at++;
      text += "[abi:" + sourceName() + "]";
    }
    return text;
  }

  private String operator() throws Unknown {
    String code = cursor.code();
    if (code.equals("cv")) {
      return "operator " + types.parse().whole();
    }
    if (code.equals("li")) {
      return "operator\"\" " + sourceName();
    }
    String sign = MangledOperators.sign(code);
    if (sign == null) {
      throw new Unknown();
    }
    return "operator" + (Character.isLetter(sign.charAt(0)) ? " " : "") + sign;
  }

  private String unnamed() throws Unknown {
    char kind = cursor.peek(1);
    cursor.at += 2;
    if (kind == 't') {
      return "{unnamed type#" + ordinal() + "}";
    }
    if (kind != 'l') {
      throw new Unknown();
    }
    String parameters = types.parameters();
    cursor.expect('E');
    return "{lambda" + parameters + "#" + ordinal() + "}";
  }

  private long ordinal() throws Unknown {
    long n = cursor.peek() == '_' ? 1 : cursor.number() + 2;
    cursor.expect('_');
    return n;
  }

  private String sourceName() throws Unknown {
    long length = cursor.number();
    if (length <= 0 || length > cursor.source.length() - cursor.at) {
      throw new Unknown();
    }
    String text = cursor.source.substring(cursor.at, cursor.at + (int) length);
    cursor.at += (int) length;
    return text.startsWith("_GLOBAL__N") ? "(anonymous namespace)" : text;
  }

  /** The name that a constructor or destructor would have here. */
  String lastName() {
    return lastName;
  }

  void lastName(String name) {
    lastName = name;
  }
}
