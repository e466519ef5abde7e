package io.leakwatch.symbols;

import io.leakwatch.symbols.mangling.Demangler;

/**
 * What an address means in a loaded module.
 *
 * @param module file name of the executable or library
 * @param offset of the address by the module's own counting, as nm and objdump show it
 * @param symbol the symbol that covers it as the file spells it, {@code ""} when none is known
 * @param symbolOffset distance from the symbol's start
 */
public record Place(String module, long offset, Section section, String symbol, long symbolOffset) {

  /** What lies at a place. */
  public enum Section {
    /** Code. */
    TEXT,
    /** Read-only data, also such as is written once, by the loader: virtual tables are here. */
    CONSTANTS,
    /** Variables, initialised or not. */
    VARIABLES
  }

  /** The symbol in the spelling of its language; {@code ""} when none is known. */
  public String name() {
    return Demangler.demangle(symbol).replace("[abi:cxx11]", "");
  }

  /** {@code g_sessions + 16}, or {@code server+0x4010} where no symbol is known. */
  public String text() {
    if (symbol.isEmpty()) {
      return module + "+0x" + Long.toHexString(offset);
    }
    return symbolOffset == 0 ? name() : name() + " + " + symbolOffset;
  }
}
