package io.leakwatch.region.kind;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Who gives memory to a program, and the kinds of memory that are his. A process has a list of
 * those that were seen at work, by their wire names, the one that serves {@code malloc} first.
 */
public enum Allocator {
  PTMALLOC(RegionKind.BRK_HEAP, RegionKind.ARENA, RegionKind.MALLOC_MMAP),
  TCMALLOC(RegionKind.TCMALLOC),
  JEMALLOC(RegionKind.JEMALLOC),
  MIMALLOC(RegionKind.MIMALLOC),
  MUSL(RegionKind.MUSL),
  JVM(RegionKind.JAVA_HEAP),
  GO(RegionKind.GO_HEAP),
  PYTHON(RegionKind.PYTHON_ARENA),
  BEAM(RegionKind.BEAM_CARRIER);

  private static final int CHUNK_HEADER_BYTES = 16;
  private static final List<Allocator> ALL = List.of(values());
  private static final Set<RegionKind> ALL_KINDS =
      ALL.stream().flatMap(allocator -> allocator.kinds.stream()).collect(Collectors.toSet());

  private final String wireName = name().toLowerCase(Locale.ROOT);

  @SuppressWarnings("ImmutableEnumChecker") // List.of cannot be changed.
  private final List<RegionKind> kinds;

  Allocator(RegionKind... kinds) {
    this.kinds = List.of(kinds);
  }

  public static Optional<Allocator> ofWireName(String name) {
    for (Allocator allocator : ALL) {
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
    return kinds;
  }

  /**
   * What an object takes of its memory, by its bytes as a walk tells them. A chunk of glibc has 16
   * bytes before the application's first one, of which the last 8 are its own; and the application
   * may use 8 more, in the next chunk's header (malloc/malloc.c). As malloc's own lists refer to
   * chunks by that place, a walk does not count it as the object's.
   */
  public long countedBytes(long objectBytes) {
    return objectBytes + headerBytes();
  }

  /** The reverse of {@link #countedBytes}. */
  public long objectBytes(long countedBytes) {
    return countedBytes - headerBytes();
  }

  /** What the application may use of an object. */
  public long usableBytes(long countedBytes) {
    return countedBytes - headerBytes() / 2;
  }

  /** Of the bytes that may be used of an object, those that are its alone. */
  public long ownBytes(long usableBytes) {
    return usableBytes - headerBytes() / 2;
  }

  private int headerBytes() {
    return this == PTMALLOC ? CHUNK_HEADER_BYTES : 0;
  }

  /** The kinds of memory that belong to any of them. */
  public static Set<RegionKind> allKinds() {
    return ALL_KINDS;
  }

  /** Whether a runtime frees what nothing refers to: then nothing is ever lost. */
  public boolean isCollected() {
    return tellsGarbage() || this == PYTHON || this == BEAM;
  }

  /** Whether it keeps what survived its last collection apart from what came since. */
  public boolean tellsGarbage() {
    return this == GO || this == JVM;
  }

  /** Whose memory a kind is. */
  public static Optional<Allocator> ofKind(RegionKind kind) {
    for (Allocator allocator : ALL) {
      if (allocator.kinds().contains(kind)) {
        return Optional.of(allocator);
      }
    }
    return Optional.empty();
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
