package io.leakwatch.region.kind;

import java.util.Locale;

/** What a mapping is to the program that owns it. The wire names are part of the contract. */
public enum RegionKind {
  BRK_HEAP,
  ARENA,
  MALLOC_MMAP,
  JEMALLOC,
  TCMALLOC,
  MIMALLOC,
  MUSL,
  GO_HEAP,
  JAVA_HEAP,
  PYTHON_ARENA,
  BEAM_CARRIER,
  THREAD_STACK,
  MAIN_STACK,
  ANONYMOUS,
  FILE_PRIVATE,
  FILE,
  SHARED_MEMORY,
  HUGETLB,
  SPECIAL;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  public String wireName() {
    return wireName;
  }
}
