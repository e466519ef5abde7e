package io.leakwatch.region;

import java.util.ArrayList;
import java.util.List;

/**
 * A recursive descent through one mangled name: encodings, names, template arguments and
 * substitutions; types are {@link MangledType}'s. Each part is turned into text at once, so that a
 * substitution is a text that was there before. Every recursion counts and every text is bounded: a
 * few bytes can refer to each other so that the whole grows beyond all memory.
 */
final class MangledName {
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

  /** What may be referred to again: a type, or the begin of a name. */
  record Part(MangledType.Text text, String lastName) {}

  /** A template's argument: one, or a pack of several. */
  record Argument(MangledType.Text one, List<MangledType.Text> pack, boolean isPack) {}

  final String source;
  int at;
  private final MangledType types = new MangledType(this);
  private final List<Part> substitutions = new ArrayList<>();
  private List<Argument> arguments = List.of();
  private int depth;
  private int steps;
  private int packIndex = -1;
  private int packSize = -1;

  private String lastName = "";
  private boolean endsInTemplate;
  private boolean isStructor;
  private String suffix = "";

  MangledName(String source, int from) {
    this.source = source;
    this.at = from;
  }

  String encodingToEnd() throws Unknown {
    String text = encoding(true);
    if (at < source.length()) {
      throw new Unknown();
    }
    return text;
  }

  String typeToEnd() throws Unknown {
    String text = types.parse().whole();
    if (at < source.length()) {
      throw new Unknown();
    }
    return text;
  }

  /** An encoding: a function with its parameters, a variable, or what the compiler made. */
  String encoding(boolean outermost) throws Unknown {
    enter();
    try {
      if (peek() == 'T' || peek() == 'G') {
        return special();
      }
      List<Argument> outer = arguments;
      String name = name();
      String qualifiers = suffix;
      boolean template = endsInTemplate && !isStructor;
      if (at >= source.length() || peek() == 'E') {
        arguments = outermost ? outer : arguments;
        return name;
      }
      MangledType.Text result = template ? types.parse() : null;
      String parameters = types.parameters() + qualifiers;
      if (result == null || !outermost) {
        return bounded(name + parameters);
      }
      String gap = result.isFunctionPointer() ? "" : " ";
      return bounded(result.left() + gap + name + parameters + result.right());
    } finally {
      depth--;
    }
  }

  private String special() throws Unknown {
    String code = source.substring(at, Math.min(source.length(), at + 2));
    at += 2;
    return switch (code) {
      case "TV" -> "vtable for " + types.parse().whole();
      case "TT" -> "VTT for " + types.parse().whole();
      case "TI" -> "typeinfo for " + types.parse().whole();
      case "TS" -> "typeinfo name for " + types.parse().whole();
      case "TC" -> construction();
      case "Th" -> {
        offset();
        yield "non-virtual thunk to " + encoding(false);
      }
      case "Tv" -> {
        offset();
        offset();
        yield "virtual thunk to " + encoding(false);
      }
      case "Tc" -> {
        callOffset();
        callOffset();
        yield "covariant return thunk to " + encoding(false);
      }
      case "TW" -> "TLS wrapper function for " + name();
      case "TH" -> "TLS init function for " + name();
      case "GV" -> "guard variable for " + name();
      case "GR" -> "reference temporary #" + temporary(name());
      default -> throw new Unknown();
    };
  }

  private String construction() throws Unknown {
    String derived = types.parse().whole();
    number();
    expect('_');
    return "construction vtable for " + types.parse().whole() + "-in-" + derived;
  }

  private String temporary(String name) throws Unknown {
    int n = peek() == '_' ? 0 : base36() + 1;
    expect('_');
    return n + " for " + name;
  }

  private void callOffset() throws Unknown {
    char kind = next();
    offset();
    if (kind == 'v') {
      offset();
    } else if (kind != 'h') {
      throw new Unknown();
    }
  }

  private void offset() throws Unknown {
    number();
    expect('_');
  }

  /** A name; notes whether it ends in template arguments, and what follows the parameters. */
  String name() throws Unknown {
    enter();
    try {
      suffix = "";
      isStructor = false;
      endsInTemplate = false;
      char c = peek();
      if (c == 'N') {
        return nested();
      }
      if (c == 'Z') {
        return local();
      }
      String text;
      if (c == 'S' && peek(1) != 't') {
        Part part = substitution();
        lastName = part.lastName();
        text = part.text().whole();
        if (peek() != 'I') {
          throw new Unknown();
        }
      } else {
        String scope = "";
        if (c == 'S') {
          at += 2;
          scope = "std::";
        }
        text = scope + unqualified(scope);
        if (peek() == 'I') {
          remember(text);
        }
      }
      if (peek() == 'I') {
        text = bounded(text + templateArguments());
        endsInTemplate = true;
      }
      return text;
    } finally {
      depth--;
    }
  }

  private String nested() throws Unknown {
    at++;
    StringBuilder after = new StringBuilder();
    while (peek() == 'r' || peek() == 'V' || peek() == 'K') {
      after.insert(0, MangledType.qualifier(next()));
    }
    if (peek() == 'R' || peek() == 'O') {
      after.append(next() == 'R' ? " &" : " &&");
    }
    String prefix = "";
    boolean template = false;
    boolean structor = false;
    while (peek() != 'E') {
      boolean substituted = false;
      char c = peek();
      if (c == 'S' && peek(1) == 't') {
        at += 2;
        prefix = "std";
        continue;
      }
      if (c == 'S') {
        Part part = substitution();
        lastName = part.lastName();
        prefix = part.text().whole();
        substituted = true;
        template = false;
      } else if (c == 'T') {
        prefix = templateParameter().whole();
        template = false;
      } else if (c == 'I') {
        prefix = prefix + templateArguments();
        template = true;
      } else if (c == 'D' && (peek(1) == 't' || peek(1) == 'T')) {
        throw new Unknown();
      } else if (c == 'M') {
        at++;
        continue;
      } else {
        boolean isStructorHere = c == 'C' || (c == 'D' && Character.isDigit(peek(1)));
        String component = unqualified(prefix);
        prefix = prefix.isEmpty() ? component : prefix + "::" + component;
        structor = isStructorHere || component.startsWith("operator ");
        template = false;
      }
      bounded(prefix);
      if (peek() != 'E' && !substituted) {
        remember(prefix);
      }
    }
    at++;
    suffix = after.toString();
    endsInTemplate = template;
    isStructor = structor;
    return prefix;
  }

  private String local() throws Unknown {
    at++;
    String function = encoding(false);
    expect('E');
    if (peek() == 's') {
      at++;
      discriminator();
      suffix = "";
      return function + "::string literal";
    }
    String argument = "";
    if (peek() == 'd') {
      at++;
      int n = peek() == '_' ? 0 : (int) number() + 1;
      expect('_');
      argument = "{default arg#" + (n + 1) + "}::";
    }
    String inner = name();
    discriminator();
    return bounded(function + "::" + argument + inner);
  }

  private void discriminator() throws Unknown {
    if (peek() != '_') {
      return;
    }
    at++;
    if (peek() == '_') {
      at++;
      number();
      expect('_');
    } else if (Character.isDigit(peek())) {
      at++;
    }
  }

  private String unqualified(String scope) throws Unknown {
    if (peek() == 'L') {
      at++;
    }
    char c = peek();
    String text;
    if (Character.isDigit(c)) {
      text = sourceName();
      lastName = text;
    } else if (c == 'C' && !scope.isEmpty()) {
      at += peek(1) == 'I' ? 3 : 2;
      text = lastName;
    } else if (c == 'D' && Character.isDigit(peek(1)) && !scope.isEmpty()) {
      at += 2;
      text = "~" + lastName;
    } else if (c == 'U') {
      text = unnamed();
      lastName = text;
    } else if (c >= 'a' && c <= 'z') {
      text = operator();
    } else {
      throw new Unknown();
    }
    while (peek() == 'B') {
      at++;
      text += "[abi:" + sourceName() + "]";
    }
    return text;
  }

  private String operator() throws Unknown {
    String code = source.substring(at, Math.min(source.length(), at + 2));
    at += 2;
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
    char kind = peek(1);
    at += 2;
    if (kind == 't') {
      return "{unnamed type#" + ordinal() + "}";
    }
    if (kind != 'l') {
      throw new Unknown();
    }
    String parameters = types.parameters();
    expect('E');
    return "{lambda" + parameters + "#" + ordinal() + "}";
  }

  private long ordinal() throws Unknown {
    long n = peek() == '_' ? 1 : number() + 2;
    expect('_');
    return n;
  }

  private String sourceName() throws Unknown {
    long length = number();
    if (length <= 0 || length > source.length() - at) {
      throw new Unknown();
    }
    String text = source.substring(at, at + (int) length);
    at += (int) length;
    return text.startsWith("_GLOBAL__N") ? "(anonymous namespace)" : text;
  }

  /** Template arguments in angle brackets; they are what T_ refers to from here on. */
  String templateArguments() throws Unknown {
    enter();
    try {
      at++;
      String name = lastName;
      List<Argument> found = new ArrayList<>();
      while (peek() != 'E') {
        found.add(argument());
      }
      at++;
      arguments = found;
      lastName = name;
      StringBuilder text = new StringBuilder();
      for (Argument argument : found) {
        for (MangledType.Text one : argument.isPack() ? argument.pack() : List.of(argument.one())) {
          if (!one.isNothing()) {
            text.append(text.isEmpty() ? "" : ", ").append(one.whole());
            bounded(text.toString());
          }
        }
      }
      return "<" + text + (text.toString().endsWith(">") ? " >" : ">");
    } finally {
      depth--;
    }
  }

  private Argument argument() throws Unknown {
    enter();
    List<Argument> outer = arguments;
    try {
      char c = peek();
      if (c == 'J') {
        at++;
        List<MangledType.Text> pack = new ArrayList<>();
        while (peek() != 'E') {
          Argument one = argument();
          pack.addAll(one.isPack() ? one.pack() : List.of(one.one()));
        }
        at++;
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
      arguments = outer;
      depth--;
    }
  }

  private String literal() throws Unknown {
    at++;
    if (peek() == '_' && peek(1) == 'Z') {
      at += 2;
      String text = encoding(false);
      expect('E');
      return text;
    }
    char code = peek();
    String type = types.parse().whole();
    int from = at;
    while (peek() != 'E') {
      at++;
    }
    String digits = source.substring(from, at++).replace('n', '-');
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
  MangledType.Text templateParameter() throws Unknown {
    at++;
    int n = peek() == '_' ? 0 : (int) number() + 1;
    expect('_');
    if (n < 0 || n >= arguments.size()) {
      throw new Unknown();
    }
    Argument argument = arguments.get(n);
    if (!argument.isPack()) {
      return argument.one();
    }
    packSize = argument.pack().size();
    int i = Math.max(0, packIndex);
    return i < packSize ? argument.pack().get(i) : MangledType.NOTHING;
  }

  /** Dp: the pattern behind it, once for each element of the pack that it mentions. */
  MangledType.Text expansion() throws Unknown {
    int from = at;
    int outerIndex = packIndex;
    int outerSize = packSize;
    packSize = -1;
    packIndex = 0;
    MangledType.Text first = types.parse();
    int size = packSize;
    StringBuilder all = new StringBuilder(size == 0 ? "" : first.whole());
    int kept = substitutions.size();
    for (int i = 1; i < size; i++) {
      at = from;
      packIndex = i;
      all.append(", ").append(types.parse().whole());
      bounded(all.toString());
      substitutions.subList(kept, substitutions.size()).clear();
    }
    packIndex = outerIndex;
    packSize = outerSize;
    return size == 0 ? MangledType.NOTHING : MangledType.plain(all.toString());
  }

  /** S_, S0_ …, or one of the abbreviations for std. */
  Part substitution() throws Unknown {
    at++;
    char c = next();
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
      boolean structor = peek() == 'C' || peek() == 'D';
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
    at--;
    int n = c == '_' ? 0 : base36() + 1;
    expect('_');
    if (n < 0 || n >= substitutions.size()) {
      throw new Unknown();
    }
    return substitutions.get(n);
  }

  private int base36() throws Unknown {
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

  private void remember(String text) throws Unknown {
    remember(MangledType.plain(text));
  }

  void remember(MangledType.Text text) throws Unknown {
    enter();
    depth--;
    substitutions.add(new Part(text, lastName));
  }

  String lastName() {
    return lastName;
  }

  void lastName(String name) {
    lastName = name;
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

  /** What T_ refers to here: those of the enclosing template, not of a type inside of it. */
  List<Argument> arguments() {
    return arguments;
  }

  void arguments(List<Argument> current) {
    arguments = current;
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
