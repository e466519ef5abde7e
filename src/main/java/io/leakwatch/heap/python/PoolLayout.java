package io.leakwatch.heap.python;

/**
 * How an arena is cut into pools. {@code struct pool_header} (Objects/obmalloc.c) is the same in
 * all releases.
 */
enum PoolLayout {
  /** Pools of 16 KiB in arenas of 1 MiB. */
  SINCE_3_10("3.10 or later", 14),
  /** Pools of 4 KiB in arenas of 256 KiB; later releases too where built so. */
  BEFORE_3_10("3.8-3.9", 12);

  /** In an arena; one is lost where it does not begin on a pool. */
  static final int POOLS = 64;

  private final String versions;
  private final int shift;

  PoolLayout(String versions, int shift) {
    this.versions = versions;
    this.shift = shift;
  }

  String versions() {
    return versions;
  }

  long poolBytes() {
    return 1L << shift;
  }

  long arenaBytes() {
    return POOLS * poolBytes();
  }

  /** The first pool of the arena at an address. */
  long firstPool(long arena) {
    return (arena + poolBytes() - 1) & -poolBytes();
  }
}
