package io.leakwatch.symbols.mangling;

/**
 * Where the descent through one mangled name stands: its characters and numbers, and the bounds of
 * the whole. Every recursion counts and every text is bounded: a few bytes can refer to each other
 * so that the whole grows beyond all memory.
 */
final class MangledCursor {
  private static final int DEPTH_MAX = 128;
  private static final int STEPS_MAX = 20_000;
  private static final int TEXT_CHARACTERS_MAX = 8192;

  /** A name outside of the grammar or the bounds. */
  static final class Unknown extends Exception {
    private static final long serialVersionUID = 1;

    Unknown() {
      super("", null, false, false);
    }
  }

  final String source;
  int at;
  private int depth;
  private int steps;

  MangledCursor(String source, int from) {
    this.source = source;
    this.at = from;
  }

  boolean isAtEnd() {
    return at >= source.length();
  }

  /** The next character; an end where none should be is found by whoever expects another. */
  char peek() throws Unknown {
    return peek(0);
  }

  char peek(int ahead) throws Unknown {
    if (at + ahead > source.length()) {
      throw new Unknown();
    }
    return at + ahead < source.length() ? source.charAt(at + ahead) : '\0';
  }

  char next() throws Unknown {
    char c = peek();
    at++;
    return c;
  }

  void expect(char c) throws Unknown {
    if (next() != c) {
      throw new Unknown();
    }
  }

  /** The two letters of an operator or of a special name. */
  String code() {
    String code = source.substring(at, Math.min(source.length(), at + 2));
    at += 2;
    return code;
  }

  long number() throws Unknown {
    boolean negative = peek() == 'n';
    if (negative) {
      at++;
    }
    long n = 0;
    int from = at;
    while (Character.isDigit(peek()) && at - from < 10) {
      n = n * 10 + (next() - '0');
    }
    if (at == from) {
      throw new Unknown();
    }
    return negative ? -n : n;
  }

  int base36() throws Unknown {
    int n = 0;
    int from = at;
    while (Character.isDigit(peek()) || (peek() >= 'A' && peek() <= 'Z')) {
      n = n * 36 + Character.digit(next(), 36);
      if (n > STEPS_MAX) {
        throw new Unknown();
      }
    }
    if (at == from) {
      throw new Unknown();
    }
    return n;
  }

  void enter() throws Unknown {
    if (++depth > DEPTH_MAX || ++steps > STEPS_MAX) {
      throw new Unknown();
    }
  }

  void leave() {
    depth--;
  }

  static String bounded(String text) throws Unknown {
    if (text.length() > TEXT_CHARACTERS_MAX) {
      throw new Unknown();
    }
    return text;
  }
}
