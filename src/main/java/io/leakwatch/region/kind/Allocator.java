package io.leakwatch.region.kind;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Who gives memory to a program, and the kinds of memory that are his. A process has a list of
 * those that were seen at work, by their wire names, the one that serves {@code malloc} first.
 */
public enum Allocator {
  PTMALLOC,
  TCMALLOC,
  JEMALLOC,
  JVM,
  GO;

  private final String wireName = name().toLowerCase(Locale.ROOT);

  public static Optional<Allocator> ofWireName(String name) {
    for (Allocator allocator : values()) {
      if (allocator.wireName.equals(name)) {
        return Optional.of(allocator);
      }
    }
    return Optional.empty();
  }

  public String wireName() {
    return wireName;
  }

  public List<RegionKind> kinds() {
    return switch (this) {
      case PTMALLOC -> List.of(RegionKind.BRK_HEAP, RegionKind.ARENA, RegionKind.MALLOC_MMAP);
      case TCMALLOC -> List.of(RegionKind.TCMALLOC);
      case JEMALLOC -> List.of(RegionKind.JEMALLOC);
      case JVM -> List.of(RegionKind.JAVA_HEAP);
      case GO -> List.of(RegionKind.GO_HEAP);
    };
  }

  /** Whether it is at work. */
  public boolean isAmong(List<String> allocators) {
    return allocators.contains(wireName);
  }

  /** Whether it serves {@code malloc}. */
  public boolean isFirstOf(List<String> allocators) {
    return allocators.indexOf(wireName) == 0;
  }
}
