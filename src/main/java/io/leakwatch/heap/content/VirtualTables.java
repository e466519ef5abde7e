package io.leakwatch.heap.content;

import io.leakwatch.region.MemoryProbe;
import io.leakwatch.symbols.Place;
import io.leakwatch.symbols.Symbolizer;
import io.leakwatch.symbols.mangling.Demangler;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells what a pointer into a module's constants says about the object that begins with it.
 *
 * <p>An object of a C++ class with virtual functions begins with the address of its class' virtual
 * table, two words behind the table's start. The symbol names the class; where the program is
 * stripped, the table itself does: before its functions lie the offset to the top of the object and
 * the address of the class' type_info, whose second word points to the mangled name (Itanium C++
 * ABI 2.5 and 2.9.4). Other programs do the same by hand: a structure of C, or a trait object of
 * Rust, points to a constant table of functions. Tables are few, so each is read once.
 */
final class VirtualTables {
  private static final int REMEMBERED_MAX = 65_536;
  private static final int NAME_BYTES_MAX = 1024;
  private static final long OFFSET_MAX = 1 << 24;
  private static final String PREFIX = "vtable for ";

  private final Symbolizer symbols;
  private final MemoryProbe probe;
  private final Map<Long, Optional<Table>> known = new HashMap<>();

  /** What a table is: a class', or just functions. */
  enum Kind {
    CLASS,
    FUNCTIONS
  }

  /**
   * A table.
   *
   * @param name of the class, or of the table: its symbol, else module and offset
   */
  record Table(Kind kind, String name, String module) {}

  VirtualTables(Symbolizer symbols, MemoryProbe probe) {
    this.symbols = symbols;
    this.probe = probe;
  }

  /** The table that a word points to; null when it points to none. */
  @Nullable Table at(long word) {
    if ((word & 7) != 0 || !symbols.isInModule(word)) {
      return null;
    }
    Optional<Table> table = known.get(word);
    if (table == null) {
      table = Optional.ofNullable(find(word));
      if (known.size() < REMEMBERED_MAX) {
        known.put(word, table);
      }
    }
    return table.orElse(null);
  }

  private @Nullable Table find(long word) {
    Place place = symbols.place(word);
    if (place == null || place.section() == Place.Section.TEXT) {
      return null;
    }
    String symbol = place.symbol();
    if (symbol.startsWith("_ZTV") && place.symbolOffset() >= 16) {
      String name = place.name();
      return name.startsWith(PREFIX)
          ? new Table(
              Kind.CLASS, TypeNames.readable(name.substring(PREFIX.length())), place.module())
          : null;
    }
    String typeName = typeInfoName(word);
    if (typeName != null) {
      return new Table(Kind.CLASS, TypeNames.readable(typeName), place.module());
    }
    if (place.section() == Place.Section.CONSTANTS && isFunctions(word)) {
      return new Table(Kind.FUNCTIONS, place.text(), place.module());
    }
    return null;
  }

  private @Nullable String typeInfoName(long table) {
    long[] head = new long[3];
    if (!symbols.isInModule(table - 16) || !words(table - 16, head)) {
      return null;
    }
    boolean plausible = head[0] <= 0 && head[0] > -OFFSET_MAX && symbols.isInModule(head[1]);
    long[] info = new long[2];
    if (!plausible || !isText(head[2]) || !words(head[1], info) || !symbols.isInModule(info[1])) {
      return null;
    }
    String mangled = symbols.constantText(info[1], NAME_BYTES_MAX);
    String name = mangled.startsWith("*") ? mangled.substring(1) : mangled;
    return Demangler.type(name).orElse(null);
  }

  /** At least two of the first words are functions; Rust puts size and alignment between them. */
  private boolean isFunctions(long table) {
    long[] head = new long[4];
    if (!words(table, head)) {
      return false;
    }
    int functions = 0;
    for (long word : head) {
      functions += isText(word) ? 1 : 0;
    }
    boolean rust =
        isText(head[3])
            && (head[0] == 0 || isText(head[0]))
            && head[1] >= 0
            && head[1] < 1 << 20
            && Long.bitCount(head[2]) == 1
            && head[2] <= 4096;
    return functions >= 2 || rust;
  }

  private boolean isText(long word) {
    return symbols.sectionOf(word) == Place.Section.TEXT;
  }

  /** From memory, where relocations have been made; else from the file, which has none to make. */
  private boolean words(long address, long[] into) {
    return (address & 7) == 0 && (probe.read(address, into) || symbols.fileWords(address, into));
  }
}
