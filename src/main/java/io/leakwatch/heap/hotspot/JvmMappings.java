package io.leakwatch.heap.hotspot;

import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.proc.memory.MappingTable;

/**
 * What a JVM has mapped beside its heap: the code that it compiled, and in ranges that it reserved
 * whole and fills from one end, as nobody else here does but glibc, classes (metaspace) and the
 * tables of its collector.
 */
final class JvmMappings {
  private static final long ARENA_BYTES = 64 << 20;

  /** Guards below a stack are smaller; metaspace is taken in such steps. */
  private static final long RESERVED_MIN_BYTES = 64 << 10;

  private static final int CHUNK_IS_MMAPPED = 2;

  private final MappingTable table;
  private final HeapMemory memory;
  private final Presence presence;
  private final long heapStart;
  private final long heapEnd;
  private final long[] words = new long[2];
  private long codeBytes;
  private long metadataBytes;

  JvmMappings(
      MappingTable table, HeapMemory memory, Presence presence, long heapStart, long heapEnd) {
    this.table = table;
    this.memory = memory;
    this.presence = presence;
    this.heapStart = heapStart;
    this.heapEnd = heapEnd;
  }

  /** Adds up what is present. */
  void measure() {
    long arenaEnd = 0;
    for (int i = 0; i < table.size(); i++) {
      if (isAnonymous(i) && table.isExecutable(i)) {
        codeBytes += presence.presentBytes(table.start(i), table.end(i));
      } else if (isAnonymous(i) && table.isWritable(i)) {
        arenaEnd = addWritable(i, arenaEnd);
      }
    }
  }

  /** The kernel fuses neighbours: a heap of glibc's may begin within a mapping. */
  private long addWritable(int i, long lastArenaEnd) {
    long arenaEnd = lastArenaEnd;
    long at = Math.max(table.start(i), arenaEnd);
    for (long boundary = at + ARENA_BYTES - 1 & -ARENA_BYTES;
        boundary < table.end(i);
        boundary += ARENA_BYTES) {
      if (boundary >= at && isArena(boundary)) {
        add(i, at, boundary);
        arenaEnd = boundary + ARENA_BYTES;
        at = arenaEnd;
      }
    }
    add(i, at, table.end(i));
    return arenaEnd;
  }

  private void add(int i, long from, long to) {
    boolean isFirst = from == table.start(i);
    boolean isLast = to == table.end(i);
    boolean isStack =
        isFirst && isReserved(i - 1, i) && table.lengthBytes(i - 1) < RESERVED_MIN_BYTES;
    boolean isReservedWhole =
        (isLast && isReserved(i + 1, i) && table.lengthBytes(i + 1) >= RESERVED_MIN_BYTES)
            || (isFirst && isReserved(i - 1, i) && table.lengthBytes(i - 1) >= RESERVED_MIN_BYTES);
    if (from < to && !isStack && isReservedWhole && !isChunk(from, to)) {
      metadataBytes += presence.presentBytes(from, to);
    }
  }

  private boolean isAnonymous(int i) {
    return table.inode(i) == 0
        && table.start(i) > 0
        && !table.isShared(i)
        && (table.name(i).isEmpty() || table.name(i).startsWith("[anon:"))
        && (table.end(i) <= heapStart || table.start(i) >= heapEnd);
  }

  /** A heap of glibc's begins with the address of its arena (malloc/arena.c, heap_info). */
  private boolean isArena(long start) {
    long arena = memory.peek(start, words, 1) == 1 ? words[0] & ARENA_BYTES - 1 : 0;
    return arena == 0x20 || arena == 0x30;
  }

  /** What malloc got by mmap, a direct buffer as a rule, begins with a chunk's header. */
  private boolean isChunk(long start, long end) {
    if (memory.peek(start, words, 2) != 2) {
      return false;
    }
    long bytes = words[1] & ~7L;
    return words[0] == 0
        && (words[1] & 7) == CHUNK_IS_MMAPPED
        && bytes % memory.pageBytes() == 0
        && bytes > 0
        && bytes <= end - start;
  }

  /** Whether a neighbour adjoins and has no access. */
  private boolean isReserved(int neighbour, int i) {
    int low = Math.min(neighbour, i);
    return neighbour >= 0
        && neighbour < table.size()
        && table.end(low) == table.start(low + 1)
        && table.inode(neighbour) == 0
        && !table.isReadable(neighbour)
        && !table.isWritable(neighbour);
  }

  /** Compiled code. */
  long codeBytes() {
    return codeBytes;
  }

  /** Classes and the collector's tables. */
  long metadataBytes() {
    return metadataBytes;
  }
}
