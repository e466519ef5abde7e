package io.leakwatch.symbols.mangling;

import io.leakwatch.symbols.mangling.MangledCursor.Unknown;
import io.leakwatch.symbols.mangling.MangledSubstitutions.Part;
import io.leakwatch.symbols.mangling.MangledTemplates.Argument;
import java.util.List;

/**
 * A recursive descent through one mangled name: encodings and names; types are {@link
 * MangledType}'s, template arguments {@link MangledTemplates}'. Each part is turned into text at
 * once, so that a substitution is a text that was there before.
 */
final class MangledName {
  private final MangledCursor cursor;
  private final MangledSubstitutions substitutions;
  private final MangledType types;
  private final MangledTemplates templates;
  private final MangledUnqualified unqualified;

  private boolean endsInTemplate;
  private boolean isStructor;
  private String suffix = "";

  MangledName(String source, int from) {
    cursor = new MangledCursor(source, from);
    substitutions = new MangledSubstitutions(cursor);
    types = new MangledType(this, cursor);
    unqualified = new MangledUnqualified(cursor, types);
    templates = new MangledTemplates(this, cursor, types, substitutions);
  }

  String encodingToEnd() throws Unknown {
    String text = encoding(true);
    if (!cursor.isAtEnd()) {
      throw new Unknown();
    }
    return text;
  }

  String typeToEnd() throws Unknown {
    String text = types.parse().whole();
    if (!cursor.isAtEnd()) {
      throw new Unknown();
    }
    return text;
  }

  /** An encoding: a function with its parameters, a variable, or what the compiler made. */
  String encoding(boolean outermost) throws Unknown {
    cursor.enter();
    try {
      if (cursor.peek() == 'T' || cursor.peek() == 'G') {
        return new MangledSpecial(this, cursor, types).text();
      }
      List<Argument> outer = templates.inScope();
      String name = name();
      String qualifiers = suffix;
      boolean template = endsInTemplate && !isStructor;
      if (cursor.isAtEnd() || cursor.peek() == 'E') {
        if (outermost) {
          templates.inScope(outer);
        }
        return name;
      }
      MangledType.Text result = template ? types.parse() : null;
      String parameters = types.parameters() + qualifiers;
      if (result == null || !outermost) {
        return MangledCursor.bounded(name + parameters);
      }
      String gap = result.isFunctionPointer() ? "" : " ";
      return MangledCursor.bounded(result.left() + gap + name + parameters + result.right());
    } finally {
      cursor.leave();
    }
  }

  /** A name; notes whether it ends in template arguments, and what follows the parameters. */
  String name() throws Unknown {
    cursor.enter();
    try {
      suffix = "";
      isStructor = false;
      endsInTemplate = false;
      char c = cursor.peek();
      if (c == 'N') {
        return nested();
      }
      if (c == 'Z') {
        return local();
      }
      String text;
      if (c == 'S' && cursor.peek(1) != 't') {
        Part part = substitutions.next();
        unqualified.lastName(part.lastName());
        text = part.text().whole();
        if (cursor.peek() != 'I') {
          throw new Unknown();
        }
      } else {
        String scope = "";
        if (c == 'S') {
          cursor.at += 2;
          scope = "std::";
        }
        text = scope + unqualified.text(scope);
        if (cursor.peek() == 'I') {
          remember(text);
        }
      }
      if (cursor.peek() == 'I') {
        text = MangledCursor.bounded(text + templates.arguments());
        endsInTemplate = true;
      }
      return text;
    } finally {
      cursor.leave();
    }
  }

  private String nested() throws Unknown {
    cursor.at++;
    StringBuilder after = new StringBuilder();
    while (cursor.peek() == 'r' || cursor.peek() == 'V' || cursor.peek() == 'K') {
      after.insert(0, MangledType.qualifier(cursor.next()));
    }
    if (cursor.peek() == 'R' || cursor.peek() == 'O') {
      after.append(cursor.next() == 'R' ? " &" : " &&");
    }
    String prefix = "";
    boolean template = false;
    boolean structor = false;
    while (cursor.peek() != 'E') {
      boolean substituted = false;
      char c = cursor.peek();
      if (c == 'S' && cursor.peek(1) == 't') {
        cursor.at += 2;
        prefix = "std";
        continue;
      }
      if (c == 'S') {
        Part part = substitutions.next();
        unqualified.lastName(part.lastName());
        prefix = part.text().whole();
        substituted = true;
        template = false;
      } else if (c == 'T') {
        prefix = templates.parameter().whole();
        template = false;
      } else if (c == 'I') {
        prefix = prefix + templates.arguments();
        template = true;
      } else if (c == 'D' && (cursor.peek(1) == 't' || cursor.peek(1) == 'T')) {
        throw new Unknown();
      } else if (c == 'M') {
        cursor.at++;
        continue;
      } else {
        boolean isStructorHere = c == 'C' || (c == 'D' && Character.isDigit(cursor.peek(1)));
        String component = unqualified.text(prefix);
        prefix = prefix.isEmpty() ? component : prefix + "::" + component;
        structor = isStructorHere || component.startsWith("operator ");
        template = false;
      }
      MangledCursor.bounded(prefix);
      if (cursor.peek() != 'E' && !substituted) {
        remember(prefix);
      }
    }
    cursor.at++;
    suffix = after.toString();
    endsInTemplate = template;
    isStructor = structor;
    return prefix;
  }

  private String local() throws Unknown {
    cursor.at++;
    String function = encoding(false);
    cursor.expect('E');
    if (cursor.peek() == 's') {
      cursor.at++;
      discriminator();
      suffix = "";
      return function + "::string literal";
    }
    String argument = "";
    if (cursor.peek() == 'd') {
      cursor.at++;
      int n = cursor.peek() == '_' ? 0 : (int) cursor.number() + 1;
      cursor.expect('_');
      argument = "{default arg#" + (n + 1) + "}::";
    }
    String inner = name();
    discriminator();
    return MangledCursor.bounded(function + "::" + argument + inner);
  }

  private void discriminator() throws Unknown {
    if (cursor.peek() != '_') {
      return;
    }
    cursor.at++;
    if (cursor.peek() == '_') {
      cursor.at++;
      cursor.number();
      cursor.expect('_');
    } else if (Character.isDigit(cursor.peek())) {
      cursor.at++;
    }
  }

  private void remember(String text) throws Unknown {
    remember(MangledType.plain(text));
  }

  void remember(MangledType.Text text) throws Unknown {
    substitutions.add(new Part(text, unqualified.lastName()));
  }

  /** The name that ended last, as a constructor after it is called. */
  String lastName() {
    return unqualified.lastName();
  }

  void lastName(String name) {
    unqualified.lastName(name);
  }

  MangledSubstitutions substitutions() {
    return substitutions;
  }

  MangledTemplates templates() {
    return templates;
  }
}
