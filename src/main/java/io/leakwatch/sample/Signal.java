package io.leakwatch.sample;

import io.leakwatch.region.kind.RegionKind;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
  BRK_HEAP_BYTES(RegionKind.BRK_HEAP),
  ARENA_BYTES(RegionKind.ARENA),
  MALLOC_MMAP_BYTES(RegionKind.MALLOC_MMAP),
  JEMALLOC_BYTES(RegionKind.JEMALLOC),
  TCMALLOC_BYTES(RegionKind.TCMALLOC),
  GO_HEAP_BYTES(RegionKind.GO_HEAP),
  JAVA_HEAP_BYTES(RegionKind.JAVA_HEAP),
  THREAD_STACK_BYTES(RegionKind.THREAD_STACK),
  ANONYMOUS_BYTES(RegionKind.ANONYMOUS),
  SHARED_MEMORY_BYTES(RegionKind.SHARED_MEMORY),
  HUGETLB_BYTES(RegionKind.HUGETLB),
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
  STATED_BYTES,
  MIMALLOC_BYTES(RegionKind.MIMALLOC),
  MUSL_BYTES(RegionKind.MUSL),
  PYTHON_ARENA_BYTES(RegionKind.PYTHON_ARENA),
  BEAM_CARRIER_BYTES(RegionKind.BEAM_CARRIER),
  /** What the application has not freed and no memory stands behind yet, from a heap walk. */
  UNTOUCHED_BYTES;

  private static final Map<RegionKind, Signal> BY_KIND = new EnumMap<>(RegionKind.class);

  static {
    for (Signal signal : values()) {
      if (signal.kind != null) {
        BY_KIND.put(signal.kind, signal);
      }
    }
  }

  private final @Nullable RegionKind kind;
  private final String column = name().toLowerCase(Locale.ROOT);

  Signal() {
    this.kind = null;
  }

  Signal(RegionKind kind) {
    this.kind = kind;
  }

  /** What is kept over time of the resident bytes of a kind; empty where nothing is. */
  public static Optional<Signal> of(RegionKind kind) {
    return Optional.ofNullable(BY_KIND.get(kind));
  }

  public String column() {
    return column;
  }

  /** The kind of memory whose resident bytes it is, empty for every other figure. */
  public Optional<RegionKind> kind() {
    return Optional.ofNullable(kind);
  }
}
