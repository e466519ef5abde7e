package io.leakwatch.symbols.mangling;

import io.leakwatch.symbols.mangling.MangledCursor.Unknown;
import java.util.ArrayList;
import java.util.List;

/** Template arguments inside of a mangled name, and the T_ that refer to them. */
final class MangledTemplates {
  /** A template's argument: one, or a pack of several. */
  record Argument(MangledType.Text one, List<MangledType.Text> pack, boolean isPack) {}

  private final MangledName name;
  private final MangledCursor cursor;
  private final MangledType types;
  private final MangledSubstitutions substitutions;
  private List<Argument> inScope = List.of();
  private int packIndex = -1;
  private int packSize = -1;

  MangledTemplates(
      MangledName name,
      MangledCursor cursor,
      MangledType types,
      MangledSubstitutions substitutions) {
    this.name = name;
    this.cursor = cursor;
    this.types = types;
    this.substitutions = substitutions;
  }

  /** What T_ refers to here: those of the enclosing template, not of a type inside of it. */
  List<Argument> inScope() {
    return inScope;
  }

  void inScope(List<Argument> current) {
    inScope = current;
  }

  /** Template arguments in angle brackets; they are what T_ refers to from here on. */
  String arguments() throws Unknown {
    cursor.enter();
    try {
      cursor.at++;
      String last = name.lastName();
      List<Argument> found = new ArrayList<>();
      while (cursor.peek() != 'E') {
        found.add(argument());
      }
      cursor.at++;
      inScope = found;
      name.lastName(last);
      StringBuilder text = new StringBuilder();
      for (Argument argument : found) {
        for (MangledType.Text one : argument.isPack() ? argument.pack() : List.of(argument.one())) {
          if (!one.isNothing()) {
            text.append(text.isEmpty() ? "" : ", ").append(one.whole());
            MangledCursor.bounded(text.toString());
          }
        }
      }
      return "<" + text + (text.toString().endsWith(">") ? " >" : ">");
    } finally {
      cursor.leave();
    }
  }

  private Argument argument() throws Unknown {
    cursor.enter();
    List<Argument> outer = inScope;
    try {
      char c = cursor.peek();
      if (c == 'J') {
        cursor.at++;
        List<MangledType.Text> pack = new ArrayList<>();
        while (cursor.peek() != 'E') {
          Argument one = argument();
          pack.addAll(one.isPack() ? one.pack() : List.of(one.one()));
        }
        cursor.at++;
        return new Argument(MangledType.NOTHING, pack, true);
      }
      MangledType.Text one =
          switch (c) {
            case 'L' -> MangledType.plain(literal());
            case 'X' -> throw new Unknown();
            default -> types.parse();
          };
      return new Argument(one, List.of(), false);
    } finally {
      inScope = outer;
      cursor.leave();
    }
  }

  private String literal() throws Unknown {
    cursor.at++;
    if (cursor.peek() == '_' && cursor.peek(1) == 'Z') {
      cursor.at += 2;
      String text = name.encoding(false);
      cursor.expect('E');
      return text;
    }
    char code = cursor.peek();
    String type = types.parse().whole();
    int from = cursor.at;
    while (cursor.peek() != 'E') {
      cursor.at++;
    }
    String digits = cursor.source.substring(from, cursor.at++).replace('n', '-');
    return switch (code) {
      case 'b' -> digits.equals("0") ? "false" : digits.equals("1") ? "true" : "(bool)" + digits;
      case 'i' -> digits;
      case 'j' -> digits + "u";
      case 'l' -> digits + "l";
      case 'm' -> digits + "ul";
      case 'x' -> digits + "ll";
      case 'y' -> digits + "ull";
      case 'd', 'f', 'e', 'g' -> "(" + type + ")[" + digits + "]";
      default -> "(" + type + ")" + digits;
    };
  }

  /** T_, T0_ …: in a pack expansion, the pack's element whose turn it is. */
  MangledType.Text parameter() throws Unknown {
    cursor.at++;
    int n = cursor.peek() == '_' ? 0 : (int) cursor.number() + 1;
    cursor.expect('_');
    if (n < 0 || n >= inScope.size()) {
      throw new Unknown();
    }
    Argument argument = inScope.get(n);
    if (!argument.isPack()) {
      return argument.one();
    }
    packSize = argument.pack().size();
    int i = Math.max(0, packIndex);
    return i < packSize ? argument.pack().get(i) : MangledType.NOTHING;
  }

  /** Dp: the pattern behind it, once for each element of the pack that it mentions. */
  MangledType.Text expansion() throws Unknown {
    int from = cursor.at;
    int outerIndex = packIndex;
    int outerSize = packSize;
    packSize = -1;
    packIndex = 0;
    MangledType.Text first = types.parse();
    int size = packSize;
    StringBuilder all = new StringBuilder(size == 0 ? "" : first.whole());
    int kept = substitutions.size();
    for (int i = 1; i < size; i++) {
      cursor.at = from;
      packIndex = i;
      all.append(", ").append(types.parse().whole());
      MangledCursor.bounded(all.toString());
      substitutions.keep(kept);
    }
    packIndex = outerIndex;
    packSize = outerSize;
    return size == 0 ? MangledType.NOTHING : MangledType.plain(all.toString());
  }
}
