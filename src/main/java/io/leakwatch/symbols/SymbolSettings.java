package io.leakwatch.symbols;

/**
 * Bounds on what is read and kept of a process' files.
 *
 * @param modulesMax executables and libraries that are looked at
 * @param symbolsMax symbols that are kept of all of them together, at eight bytes each
 * @param placesMax answers that are remembered
 */
public record SymbolSettings(int modulesMax, long symbolsMax, int placesMax) {
  public static final SymbolSettings DEFAULTS = new SymbolSettings(1024, 4_000_000, 16_384);

  public SymbolSettings {
    if (modulesMax < 0 || symbolsMax < 0 || placesMax < 1) {
      throw new IllegalArgumentException("a bound is negative or zero");
    }
  }
}
