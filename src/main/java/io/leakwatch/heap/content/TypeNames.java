package io.leakwatch.heap.content;

import java.util.ArrayList;
import java.util.List;

/**
 * C++ types as a programmer says them. The library's names spell out what nobody wrote: default
 * allocators, comparators, hashes; and memory that make_shared got is an object inside of another.
 */
final class TypeNames {
  private static final int CHARACTERS_MAX = 240;
  private static final List<String> DEFAULTS =
      List.of(
          "std::allocator<",
          "std::char_traits<",
          "std::less<",
          "std::hash<",
          "std::equal_to<",
          "std::default_delete<");

  private TypeNames() {}

  /** The short spelling. */
  static String readable(String type) {
    String text = type.replace("std::__cxx11::", "std::").replace("std::__1::", "std::");
    text = withoutDefaults(text, 0).replace("std::basic_string<char>", "std::string");
    String object = first(text, "std::_Sp_counted_ptr_inplace<");
    if (!object.isEmpty()) {
      return cut(object + " (by make_shared)");
    }
    for (String control : List.of("std::_Sp_counted_ptr<", "std::_Sp_counted_deleter<")) {
      String pointer = first(text, control);
      if (!pointer.isEmpty()) {
        return cut("control block of std::shared_ptr to " + pointer.replaceFirst("\\*$", ""));
      }
    }
    return cut(text);
  }

  private static String cut(String text) {
    return text.length() > CHARACTERS_MAX ? text.substring(0, CHARACTERS_MAX) + "…" : text;
  }

  /** The first argument of a template, {@code ""} when the text is another. */
  private static String first(String text, String template) {
    return text.startsWith(template) ? arguments(text, template.length() - 1).get(0) : "";
  }

  /** Rewrites a template's arguments without those that are the defaults. */
  private static String withoutDefaults(String text, int depth) {
    int open = text.indexOf('<');
    int close = open < 0 ? -1 : closing(text, open);
    if (close < 0 || depth > 32 || text.startsWith("operator", open - 8)) {
      return text;
    }
    StringBuilder shorter = new StringBuilder(text.substring(0, open + 1));
    boolean any = false;
    for (String argument : arguments(text, open)) {
      if (any && DEFAULTS.stream().anyMatch(argument::startsWith)) {
        continue;
      }
      shorter.append(any ? ", " : "").append(withoutDefaults(argument, depth + 1));
      any = true;
    }
    return shorter.append('>') + withoutDefaults(text.substring(close + 1), depth + 1);
  }

  private static List<String> arguments(String text, int open) {
    int close = closing(text, open);
    List<String> found = new ArrayList<>();
    int depth = 0;
    int from = open + 1;
    for (int i = from; i < close; i++) {
      char c = text.charAt(i);
      depth += c == '<' || c == '(' ? 1 : c == '>' || c == ')' ? -1 : 0;
      if (c == ',' && depth == 0) {
        found.add(text.substring(from, i).strip());
        from = i + 1;
      }
    }
    found.add(text.substring(from, Math.max(from, close)).strip());
    return found;
  }

  private static int closing(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '<' ? 1 : c == '>' ? -1 : 0;
      if (depth == 0) {
        return i;
      }
    }
    return -1;
  }
}
