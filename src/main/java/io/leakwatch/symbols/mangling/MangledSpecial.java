package io.leakwatch.symbols.mangling;

import io.leakwatch.symbols.mangling.MangledCursor.Unknown;

/** Names of what the compiler makes: tables of virtual functions, thunks, guards. */
final class MangledSpecial {
  private final MangledName name;
  private final MangledCursor cursor;
  private final MangledType types;

  MangledSpecial(MangledName name, MangledCursor cursor, MangledType types) {
    this.name = name;
    this.cursor = cursor;
    this.types = types;
  }

  String text() throws Unknown {
    String code = cursor.code();
    return switch (code) {
      case "TV" -> "vtable for " + types.parse().whole();
      case "TT" -> "VTT for " + types.parse().whole();
      case "TI" -> "typeinfo for " + types.parse().whole();
      case "TS" -> "typeinfo name for " + types.parse().whole();
      case "TC" -> construction();
      case "Th" -> {
        offset();
        yield "non-virtual thunk to " + name.encoding(false);
      }
      case "Tv" -> {
        offset();
        offset();
        yield "virtual thunk to " + name.encoding(false);
      }
      case "Tc" -> {
        callOffset();
        callOffset();
        yield "covariant return thunk to " + name.encoding(false);
      }
      case "TW" -> "TLS wrapper function for " + name.name();
      case "TH" -> "TLS init function for " + name.name();
      case "GV" -> "guard variable for " + name.name();
      case "GR" -> "reference temporary #" + temporary(name.name());
      default -> throw new Unknown();
    };
  }

  private String construction() throws Unknown {
    String derived = types.parse().whole();
    cursor.number();
    cursor.expect('_');
    return "construction vtable for " + types.parse().whole() + "-in-" + derived;
  }

  private String temporary(String variable) throws Unknown {
    int n = cursor.peek() == '_' ? 0 : cursor.base36() + 1;
    cursor.expect('_');
    return n + " for " + variable;
  }

  private void callOffset() throws Unknown {
    char kind = cursor.next();
    offset();
    if (kind == 'v') {
      offset();
    } else if (kind != 'h') {
      throw new Unknown();
    }
  }

  private void offset() throws Unknown {
    cursor.number();
    cursor.expect('_');
  }
}
