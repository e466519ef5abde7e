package io.leakwatch.symbols.mangling;

import java.util.Optional;

/**
 * Symbols in the spelling of their language: C++ by the Itanium ABI (as GCC and Clang use it on
 * Linux), and Rust's older names, which are built like them.
 *
 * <p>The names come from foreign files, so no native code sees them, and their expansion is
 * bounded: a name that is longer, nested deeper or beyond the grammar known here is given as it is.
 * Expressions inside of names ({@code decltype} and the like) are not expanded. The spelling is
 * that of {@code c++filt}. Source: Itanium C++ ABI, section 5.1.
 */
public final class Demangler {
  private static final int NAME_CHARACTERS_MAX = 4096;
  private static final int RUST_HASH_CHARACTERS = 19;

  private Demangler() {}

  /** The name as a programmer wrote it; what is no mangled name comes back as it is. */
  public static String demangle(String symbol) {
    if (!symbol.startsWith("_Z") || symbol.length() > NAME_CHARACTERS_MAX) {
      return symbol;
    }
    int clone = symbol.indexOf('.');
    String plain = clone < 0 ? symbol : symbol.substring(0, clone);
    Optional<String> text = attempt(new MangledName(plain, 2), true);
    if (text.isEmpty()) {
      return symbol;
    }
    String readable = isRust(text.get()) ? rust(text.get()) : text.get();
    return clone < 0 ? readable : readable + " [clone " + symbol.substring(clone) + "]";
  }

  /** The same for a bare type, as type_info::name() gives it: {@code N8topology5LeaseE}. */
  public static Optional<String> type(String mangled) {
    return mangled.isEmpty() || mangled.length() > NAME_CHARACTERS_MAX
        ? Optional.empty()
        : attempt(new MangledName(mangled, 0), false);
  }

  private static Optional<String> attempt(MangledName name, boolean encoding) {
    try {
      return Optional.of(encoding ? name.encodingToEnd() : name.typeToEnd());
    } catch (MangledCursor.Unknown e) {
      return Optional.empty();
    }
  }

  /** The crate's hash, sixteen hexadecimal digits behind an h, ends such a name. */
  private static boolean isRust(String text) {
    int from = text.length() - RUST_HASH_CHARACTERS;
    if (from <= 0 || !text.startsWith("::h", from)) {
      return false;
    }
    for (int i = from + 3; i < text.length(); i++) {
      if (Character.digit(text.charAt(i), 16) < 0) {
        return false;
      }
    }
    return true;
  }

  private static String rust(String text) {
    return text.substring(0, text.length() - RUST_HASH_CHARACTERS)
        .replace("_$", "$")
        .replace("$LT$", "<")
        .replace("$GT$", ">")
        .replace("$RF$", "&")
        .replace("$BP$", "*")
        .replace("$LP$", "(")
        .replace("$RP$", ")")
        .replace("$C$", ",")
        .replace("$SP$", "@")
        .replace("$u20$", " ")
        .replace("$u27$", "'")
        .replace("$u5b$", "[")
        .replace("$u5d$", "]")
        .replace("$u7b$", "{")
        .replace("$u7d$", "}")
        .replace("$u7e$", "~")
        .replace("..", "::");
  }
}
