package io.leakwatch.elf;

/**
 * The allocators that are linked into an executable itself, as its symbols tell; those in shared
 * libraries show in the mappings.
 *
 * @param replacesMalloc whether the executable defines {@code malloc} beside one of the others
 */
public record Linkage(
    boolean jemalloc,
    boolean tcmalloc,
    boolean replacesMalloc,
    boolean go,
    boolean mimalloc,
    boolean musl) {

  /** Without mimalloc and musl. */
  public Linkage(boolean jemalloc, boolean tcmalloc, boolean replacesMalloc, boolean go) {
    this(jemalloc, tcmalloc, replacesMalloc, go, false, false);
  }

  /** No executable, or one whose symbols are stripped or may not be read. */
  public static final Linkage UNKNOWN = new Linkage(false, false, false, false);
}
