package io.leakwatch.symbols.mangling;

import io.leakwatch.symbols.mangling.MangledCursor.Unknown;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Types inside of a mangled name. C++ spells a type around the name that it belongs to ({@code int
 * (*name)(char)}), so its text has a part to the left and one to the right.
 */
final class MangledType {
  private enum Shape {
    PLAIN,
    FUNCTION,
    ARRAY
  }

  /** A type's text. */
  record Text(String left, String right, Shape shape) {
    String whole() {
      return left + right;
    }

    /** An expansion of nothing: it is left out of lists. */
    boolean isNothing() {
      return left.isEmpty() && right.isEmpty();
    }

    boolean isFunctionPointer() {
      return shape == Shape.PLAIN && !right.isEmpty();
    }
  }

  static final Text NOTHING = new Text("", "", Shape.PLAIN);

  private static final Map<Character, String> BUILTIN =
      Map.ofEntries(
          Map.entry('v', "void"),
          Map.entry('w', "wchar_t"),
          Map.entry('b', "bool"),
          Map.entry('c', "char"),
          Map.entry('a', "signed char"),
          Map.entry('h', "unsigned char"),
          Map.entry('s', "short"),
          Map.entry('t', "unsigned short"),
          Map.entry('i', "int"),
          Map.entry('j', "unsigned int"),
          Map.entry('l', "long"),
          Map.entry('m', "unsigned long"),
          Map.entry('x', "long long"),
          Map.entry('y', "unsigned long long"),
          Map.entry('n', "__int128"),
          Map.entry('o', "unsigned __int128"),
          Map.entry('f', "float"),
          Map.entry('d', "double"),
          Map.entry('e', "long double"),
          Map.entry('g', "__float128"),
          Map.entry('z', "..."));

  private static final Map<Character, String> BUILTIN_D =
      Map.of(
          'n', "decltype(nullptr)",
          'i', "char32_t",
          's', "char16_t",
          'u', "char8_t",
          'a', "auto",
          'c', "decltype(auto)",
          'd', "decimal64",
          'e', "decimal128",
          'f', "decimal32",
          'h', "half");

  private final MangledName name;
  private final MangledCursor cursor;

  MangledType(MangledName name, MangledCursor cursor) {
    this.name = name;
    this.cursor = cursor;
  }

  static Text plain(String text) {
    return new Text(text, "", Shape.PLAIN);
  }

  static String qualifier(char c) {
    return c == 'K' ? " const" : c == 'V' ? " volatile" : " restrict";
  }

  /** A list of parameters in parentheses, up to an E or the end. */
  String parameters() throws Unknown {
    StringBuilder text = new StringBuilder();
    boolean isVoid = cursor.peek() == 'v';
    int count = 0;
    while (!cursor.isAtEnd()
        && cursor.peek() != 'E'
        && !((cursor.peek() == 'R' || cursor.peek() == 'O') && cursor.peek(1) == 'E')) {
      Text one = parse();
      count++;
      if (!one.isNothing()) {
        text.append(text.isEmpty() ? "" : ", ").append(one.whole());
        MangledCursor.bounded(text.toString());
      }
    }
    if (count == 0) {
      throw new Unknown();
    }
    return isVoid && count == 1 ? "()" : "(" + text + ")";
  }

  /** One type; what may be referred to again is remembered. */
  Text parse() throws Unknown {
    cursor.enter();
    List<MangledTemplates.Argument> outer = name.templates().inScope();
    try {
      char c = cursor.peek();
      String builtin = BUILTIN.get(c);
      if (builtin != null) {
        cursor.at++;
        return plain(builtin);
      }
      return switch (c) {
        case 'r', 'V', 'K' -> remembered(qualified());
        case 'P' -> remembered(pointer("*"));
        case 'R' -> remembered(pointer("&"));
        case 'O' -> remembered(pointer("&&"));
        case 'F' -> remembered(function(""));
        case 'A' -> remembered(array());
        case 'M' -> remembered(member());
        case 'C' -> remembered(suffixed(" _Complex"));
        case 'G' -> remembered(suffixed(" _Imaginary"));
        case 'T' -> parameter();
        case 'S' -> substituted();
        case 'D' -> d();
        case 'u' -> vendor();
        case 'N', 'Z', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' ->
            remembered(plain(name.name()));
        default -> throw new Unknown();
      };
    } finally {
      name.templates().inScope(outer);
      cursor.leave();
    }
  }

  private Text remembered(Text text) throws Unknown {
    MangledCursor.bounded(text.whole());
    name.remember(text);
    return text;
  }

  private Text qualified() throws Unknown {
    StringBuilder after = new StringBuilder();
    while (cursor.peek() == 'r' || cursor.peek() == 'V' || cursor.peek() == 'K') {
      after.insert(0, qualifier(cursor.next()));
    }
    if (cursor.peek() == 'F' || (cursor.peek() == 'D' && cursor.peek(1) == 'o')) {
      return function(after.toString());
    }
    Text inner = parse();
    return switch (inner.shape()) {
      case PLAIN -> new Text(inner.left() + after, inner.right(), Shape.PLAIN);
      case FUNCTION -> new Text(inner.left(), inner.right() + after, Shape.FUNCTION);
      case ARRAY ->
          new Text(
              inner.left().substring(0, inner.left().length() - 1) + after + " ",
              inner.right(),
              Shape.ARRAY);
    };
  }

  private Text pointer(String sign) throws Unknown {
    cursor.at++;
    return pointTo(parse(), sign);
  }

  /** A reference to a reference collapses: only two rvalue references make one. */
  private static Text pointTo(Text to, String sign) {
    if (to.isNothing()) {
      return to;
    }
    if (sign.startsWith("&") && to.shape() == Shape.PLAIN && to.left().endsWith("&")) {
      boolean rvalue = sign.equals("&&");
      String left = to.left();
      String collapsed =
          !rvalue && left.endsWith("&&") ? left.substring(0, left.length() - 1) : left;
      return new Text(collapsed, to.right(), Shape.PLAIN);
    }
    return switch (to.shape()) {
      case PLAIN -> new Text(to.left() + sign, to.right(), Shape.PLAIN);
      case FUNCTION -> new Text(to.left() + "(" + sign, ")" + to.right(), Shape.PLAIN);
      case ARRAY -> new Text(to.left() + "(" + sign, ") " + to.right(), Shape.PLAIN);
    };
  }

  private Text function(String qualifiers) throws Unknown {
    String exception = "";
    if (cursor.peek() == 'D') {
      cursor.at += 2;
      exception = " noexcept";
    }
    cursor.expect('F');
    if (cursor.peek() == 'Y') {
      cursor.at++;
    }
    Text result = parse();
    String parameters = parameters();
    String reference = "";
    if (cursor.peek() == 'R' || cursor.peek() == 'O') {
      reference = cursor.next() == 'R' ? " &" : " &&";
    }
    cursor.expect('E');
    String gap = result.isFunctionPointer() ? "" : " ";
    return new Text(
        result.left() + gap,
        parameters + qualifiers + reference + exception + result.right(),
        Shape.FUNCTION);
  }

  private Text array() throws Unknown {
    cursor.at++;
    String size = cursor.peek() == '_' ? "" : Long.toString(cursor.number());
    cursor.expect('_');
    Text element = parse();
    if (element.shape() == Shape.ARRAY) {
      return new Text(element.left(), "[" + size + "]" + element.right(), Shape.ARRAY);
    }
    return new Text(element.left() + " ", "[" + size + "]" + element.right(), Shape.ARRAY);
  }

  private Text member() throws Unknown {
    cursor.at++;
    String owner = parse().whole();
    Text type = parse();
    return switch (type.shape()) {
      case PLAIN -> new Text(type.left() + " " + owner + "::*", type.right(), Shape.PLAIN);
      case FUNCTION -> new Text(type.left() + "(" + owner + "::*", ")" + type.right(), Shape.PLAIN);
      case ARRAY -> new Text(type.left() + "(" + owner + "::*", ") " + type.right(), Shape.PLAIN);
    };
  }

  private Text suffixed(String after) throws Unknown {
    cursor.at++;
    return plain(parse().whole() + after);
  }

  private Text parameter() throws Unknown {
    Text text = name.templates().parameter();
    name.remember(text);
    return cursor.peek() == 'I'
        ? remembered(plain(text.whole() + name.templates().arguments()))
        : text;
  }

  private Text substituted() throws Unknown {
    if (cursor.peek(1) == 't') {
      return remembered(plain(name.name()));
    }
    MangledSubstitutions.Part part = name.substitutions().next();
    name.lastName(part.lastName());
    return cursor.peek() == 'I'
        ? remembered(plain(part.text().whole() + name.templates().arguments()))
        : part.text();
  }

  private Text d() throws Unknown {
    char kind = cursor.peek(1);
    @Nullable String builtin = BUILTIN_D.get(kind);
    if (builtin != null) {
      cursor.at += 2;
      return plain(builtin);
    }
    if (kind == 'p') {
      cursor.at += 2;
      return name.templates().expansion();
    }
    if (kind == 'o') {
      return remembered(function(""));
    }
    if (kind == 'F') {
      cursor.at += 2;
      long bits = cursor.number();
      cursor.expect('_');
      return plain("_Float" + bits);
    }
    if (kind == 'v') {
      cursor.at += 2;
      long length = cursor.number();
      cursor.expect('_');
      return remembered(plain(parse().whole() + " __vector(" + length + ")"));
    }
    throw new Unknown();
  }

  private Text vendor() throws Unknown {
    cursor.at++;
    return remembered(plain(name.name()));
  }
}
