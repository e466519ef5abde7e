package io.leakwatch.symbols.mangling;

import io.leakwatch.symbols.mangling.MangledCursor.Unknown;
import java.util.ArrayList;
import java.util.List;

/** What a mangled name refers back to, in the order in which it first came. */
final class MangledSubstitutions {
  /** What may be referred to again: a type, or the begin of a name. */
  record Part(MangledType.Text text, String lastName) {}

  private final MangledCursor cursor;
  private final List<Part> parts = new ArrayList<>();

  MangledSubstitutions(MangledCursor cursor) {
    this.cursor = cursor;
  }

  void add(Part part) throws Unknown {
    cursor.enter();
    cursor.leave();
    parts.add(part);
  }

  int size() {
    return parts.size();
  }

  /** Forgets all but the first, where a text is gone through again. */
  void keep(int first) {
    parts.subList(first, parts.size()).clear();
  }

  /** S_, S0_ …, or one of the abbreviations for std. */
  Part next() throws Unknown {
    cursor.at++;
    char c = cursor.next();
    String standard =
        switch (c) {
          case 'a' -> "std::allocator";
          case 'b' -> "std::basic_string";
          case 's' -> "std::string";
          case 'i' -> "std::istream";
          case 'o' -> "std::ostream";
          case 'd' -> "std::iostream";
          default -> "";
        };
    if (!standard.isEmpty()) {
      boolean structor = cursor.peek() == 'C' || cursor.peek() == 'D';
      String stem = standard.substring(5);
      if (structor && c != 'a' && c != 'b') {
        stem = c == 's' ? "basic_string" : "basic_" + stem;
        String tail =
            c == 's'
                ? "<char, std::char_traits<char>, std::allocator<char> >"
                : "<char, std::char_traits<char> >";
        return new Part(MangledType.plain("std::" + stem + tail), stem);
      }
      return new Part(MangledType.plain(standard), stem);
    }
    cursor.at--;
    int n = c == '_' ? 0 : cursor.base36() + 1;
    cursor.expect('_');
    if (n < 0 || n >= parts.size()) {
      throw new Unknown();
    }
    return parts.get(n);
  }
}
