package io.leakwatch.region;

import io.leakwatch.region.MangledName.Unknown;
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

  MangledType(MangledName name) {
    this.name = name;
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
    boolean isVoid = name.peek() == 'v';
    int count = 0;
    while (name.at < name.source.length()
        && name.peek() != 'E'
        && !((name.peek() == 'R' || name.peek() == 'O') && name.peek(1) == 'E')) {
      Text one = parse();
      count++;
      if (!one.isNothing()) {
        text.append(text.isEmpty() ? "" : ", ").append(one.whole());
        MangledName.bounded(text.toString());
      }
    }
    if (count == 0) {
      throw new Unknown();
    }
    return isVoid && count == 1 ? "()" : "(" + text + ")";
  }

  /** One type; what may be referred to again is remembered. */
  Text parse() throws Unknown {
    name.enter();
    List<MangledName.Argument> outer = name.arguments();
    try {
      char c = name.peek();
      String builtin = BUILTIN.get(c);
      if (builtin != null) {
        name.at++;
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
      name.arguments(outer);
      name.leave();
    }
  }

  private Text remembered(Text text) throws Unknown {
    MangledName.bounded(text.whole());
    name.remember(text);
    return text;
  }

  private Text qualified() throws Unknown {
    StringBuilder after = new StringBuilder();
    while (name.peek() == 'r' || name.peek() == 'V' || name.peek() == 'K') {
      after.insert(0, qualifier(name.next()));
    }
    if (name.peek() == 'F' || (name.peek() == 'D' && name.peek(1) == 'o')) {
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
    name.at++;
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
    if (name.peek() == 'D') {
      name.at += 2;
      exception = " noexcept";
    }
    name.expect('F');
    if (name.peek() == 'Y') {
      name.at++;
    }
    Text result = parse();
    String parameters = parameters();
    String reference = "";
    if (name.peek() == 'R' || name.peek() == 'O') {
      reference = name.next() == 'R' ? " &" : " &&";
    }
    name.expect('E');
    String gap = result.isFunctionPointer() ? "" : " ";
    return new Text(
        result.left() + gap,
        parameters + qualifiers + reference + exception + result.right(),
        Shape.FUNCTION);
  }

  private Text array() throws Unknown {
    name.at++;
    String size = name.peek() == '_' ? "" : Long.toString(name.number());
    name.expect('_');
    Text element = parse();
    if (element.shape() == Shape.ARRAY) {
      return new Text(element.left(), "[" + size + "]" + element.right(), Shape.ARRAY);
    }
    return new Text(element.left() + " ", "[" + size + "]" + element.right(), Shape.ARRAY);
  }

  private Text member() throws Unknown {
    name.at++;
    String owner = parse().whole();
    Text type = parse();
    return switch (type.shape()) {
      case PLAIN -> new Text(type.left() + " " + owner + "::*", type.right(), Shape.PLAIN);
      case FUNCTION -> new Text(type.left() + "(" + owner + "::*", ")" + type.right(), Shape.PLAIN);
      case ARRAY -> new Text(type.left() + "(" + owner + "::*", ") " + type.right(), Shape.PLAIN);
    };
  }

  private Text suffixed(String after) throws Unknown {
    name.at++;
    return plain(parse().whole() + after);
  }

  private Text parameter() throws Unknown {
    Text text = name.templateParameter();
    name.remember(text);
    return name.peek() == 'I' ? remembered(plain(text.whole() + name.templateArguments())) : text;
  }

  private Text substituted() throws Unknown {
    if (name.peek(1) == 't') {
      return remembered(plain(name.name()));
    }
    MangledName.Part part = name.substitution();
    name.lastName(part.lastName());
    return name.peek() == 'I'
        ? remembered(plain(part.text().whole() + name.templateArguments()))
        : part.text();
  }

  private Text d() throws Unknown {
    char kind = name.peek(1);
    @Nullable String builtin = BUILTIN_D.get(kind);
    if (builtin != null) {
      name.at += 2;
      return plain(builtin);
    }
    if (kind == 'p') {
      name.at += 2;
      return name.expansion();
    }
    if (kind == 'o') {
      return remembered(function(""));
    }
    if (kind == 'F') {
      name.at += 2;
      long bits = name.number();
      name.expect('_');
      return plain("_Float" + bits);
    }
    if (kind == 'v') {
      name.at += 2;
      long length = name.number();
      name.expect('_');
      return remembered(plain(parse().whole() + " __vector(" + length + ")"));
    }
    throw new Unknown();
  }

  private Text vendor() throws Unknown {
    name.at++;
    return remembered(plain(name.name()));
  }
}
