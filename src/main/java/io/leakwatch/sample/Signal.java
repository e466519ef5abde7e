package io.leakwatch.sample;

import java.util.Locale;

/**
 * The figures of a process that are kept over time. The lower-case name is the column of the CSV
 * that {@code history --csv} writes and {@code replay} reads.
 */
public enum Signal {
  /** Anonymous working set: anonymous resident + swap - lazily freed. */
  RSS_ANON_BYTES,
  /** Everything resident. */
  RSS_BYTES,
  SWAP_BYTES,
  /** What the application has not freed, from a heap walk. */
  IN_USE_BYTES,
  /** Freed and kept by the allocator, the tops of glibc's heaps included. */
  HEAP_FREE_BYTES,
  PINNED_BYTES,
  TRIMMABLE_BYTES,
  /** Resident bytes by kind of memory. */
  BRK_HEAP_BYTES,
  ARENA_BYTES,
  MALLOC_MMAP_BYTES,
  JEMALLOC_BYTES,
  TCMALLOC_BYTES,
  GO_HEAP_BYTES,
  JAVA_HEAP_BYTES,
  THREAD_STACK_BYTES,
  ANONYMOUS_BYTES,
  SHARED_MEMORY_BYTES,
  HUGETLB_BYTES,
  ARENA_COUNT,
  MAPPING_COUNT,
  THREAD_COUNT,
  /** Any figure of the process' load; live, CPU cores used since the sample before. */
  LOAD,
  /** The tightest limit that applies, as the value of RSS_ANON_BYTES at which it is reached. */
  LIMIT_BYTES,
  /** How long the process has run. */
  PROCESS_AGE_SECONDS,
  /**
   * What the memory cgroup nearest to its limit counts, page cache that can be dropped left out.
   */
  CGROUP_BYTES,
  /** The limit of that cgroup. */
  CGROUP_LIMIT_BYTES,
  /** Mapped address space, as RLIMIT_AS counts it. */
  ADDRESS_SPACE_BYTES,
  ADDRESS_SPACE_LIMIT_BYTES,
  /** Private writable mappings, as RLIMIT_DATA counts them. */
  DATA_BYTES,
  DATA_LIMIT_BYTES,
  /** vm.max_map_count. */
  MAPPING_LIMIT,
  /** The smallest of what pids.max and RLIMIT_NPROC leave, as a value of THREAD_COUNT. */
  THREAD_LIMIT,
  DESCRIPTOR_COUNT,
  /** RLIMIT_NOFILE, soft. */
  DESCRIPTOR_LIMIT,
  /** Whole days that others of the same build on the node have lived, of those that do not grow. */
  SIBLING_DAYS,
  /** The size that the command line says it will fill, of a heap or of caches. */
  STATED_BYTES;

  private final String column = name().toLowerCase(Locale.ROOT);

  public String column() {
    return column;
  }
}
