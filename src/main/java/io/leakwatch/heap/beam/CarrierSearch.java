package io.leakwatch.heap.beam;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.Words;
import io.leakwatch.proc.memory.MappingTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds BEAM's carriers by what they begin with. Those that it maps adjoin each other and chunks of
 * malloc, so each mapping is followed from one to the next, and page by page where none begins.
 * Some come from malloc: in a chunk of its own they lie at the first multiple of 16 KiB, in the
 * memory of brk at any.
 */
final class CarrierSearch {
  private static final int ALIGNMENT = 16 << 10;
  private static final int CHUNK_HEAD_BYTES = 16;
  private static final int MISSES_MAX = 1024;
  private static final int CARRIERS_MAX = 1 << 20;
  private static final int ALLOCATORS_MAX = 1 << 14;
  private static final int LETTERS_MAX = 8;
  private static final long CHUNK_FLAGS = 7;
  private static final long CHUNK_IS_MAPPED = 2;

  private final Words words;
  private final MappingTable table;
  private final AddressSpace space;
  private final long[] head = new long[Carrier.HEAD_WORDS];
  private final long[] word = new long[1];
  private final Map<Long, BeamAllocator> allocators = new HashMap<>();
  private final List<Carrier> carriers = new ArrayList<>();
  private int probes;
  private long torn;

  /**
   * A search.
   *
   * @param probesMax places where no carrier begins that are looked at
   */
  CarrierSearch(Words words, MappingTable table, int probesMax) {
    this.words = words;
    this.table = table;
    this.space = AddressSpace.of(table);
    this.probes = probesMax;
  }

  /** All carriers, by their addresses. */
  List<Carrier> find() {
    for (long[] brk : space.brk()) {
      long at = up(brk[0]);
      while (at < brk[1] && probes > 0) {
        at += Math.max(ALIGNMENT, up(add(at, brk[1])));
      }
    }
    long behind = 0;
    for (int i = 0; i < table.size() && probes > 0; i++) {
      long end = space.mmapped().endOf(table.start(i));
      if (end != 0 && table.start(i) >= behind) {
        behind = follow(table.start(i), table.end(i), end);
      }
    }
    return carriers;
  }

  /** Share of the carriers met whose sums agree. */
  double coverage() {
    return carriers.isEmpty() ? 0 : (double) carriers.size() / (carriers.size() + torn);
  }

  /**
   * Follows a mapping; returns what lies behind its last carrier.
   *
   * @param limit the end of the mappings that adjoin it
   */
  private long follow(long start, long end, long limit) {
    long at = start;
    int misses = 0;
    while (at < end && misses < MISSES_MAX && probes > 0) {
      long bytes = add(at, limit);
      if (bytes == 0) {
        bytes = chunkBytes(at, limit - at);
        if (bytes > 0) {
          add(up(at + CHUNK_HEAD_BYTES), at + bytes);
        }
      }
      misses += bytes == 0 ? 1 : 0;
      at += bytes == 0 ? Carrier.UNIT_BYTES : bytes;
    }
    return at;
  }

  private long chunkBytes(long at, long space) {
    if (!words.read(at, head, 2)) {
      return 0;
    }
    long bytes = (head[1] & ~CHUNK_FLAGS) + head[0];
    boolean isChunk =
        (head[1] & CHUNK_FLAGS) == CHUNK_IS_MAPPED
            && head[0] >= 0
            && head[0] < space
            && bytes > 0
            && bytes <= space
            && bytes % Carrier.UNIT_BYTES == 0;
    return isChunk ? bytes : 0;
  }

  private static long up(long address) {
    return address + ALIGNMENT - 1 & -ALIGNMENT;
  }

  /** Adds the carrier that begins at an address; its bytes, 0 where none does. */
  private long add(long at, long end) {
    if (at >= end || carriers.size() >= CARRIERS_MAX) {
      return 0;
    }
    if (!words.read(at, head, Carrier.HEAD_WORDS) || !Carrier.mayBe(head, end - at)) {
      probes--;
      return 0;
    }
    BeamAllocator allocator = allocator(head[Carrier.ALLOCATOR] & ~Carrier.FLAGS);
    if (allocator == null) {
      probes--;
      return 0;
    }
    Carrier carrier =
        Carrier.of(at, head, allocator, isListed(at, head[Carrier.PREVIOUS], allocator));
    if (carrier.isSound(head)) {
      carriers.add(carrier);
    } else {
      torn++;
    }
    return carrier.bytes();
  }

  /** Whether its neighbour in the list knows it: what BEAM keeps for later is in none. */
  private boolean isListed(long carrier, long previous, BeamAllocator allocator) {
    long next = previous == 0 ? allocator.firstSingle() : previous + 8L * Carrier.NEXT;
    return words.at(next) == carrier;
  }

  private @Nullable BeamAllocator allocator(long address) {
    BeamAllocator known = allocators.get(address);
    if (known != null || allocators.size() >= ALLOCATORS_MAX) {
      return known;
    }
    BeamAllocator found =
        new BeamAllocator(
            address,
            name(words.at(address + BeamAllocator.NAME)),
            words.intAt(address + BeamAllocator.NUMBER),
            words.intAt(address + BeamAllocator.HEAD));
    if (!found.isSound()) {
      return null;
    }
    allocators.put(address, found);
    return found;
  }

  /** A few lower-case letters before an underscore; empty where there is something else. */
  private String name(long address) {
    StringBuilder name = new StringBuilder();
    for (long at = address; at > 0 && name.length() <= LETTERS_MAX; at++) {
      char next = (char) (words.read(at & -8L, word, 1) ? word[0] >>> (8 * (at & 7)) & 0xff : 0);
      if (next == '_') {
        return name.length() > 1 ? name.toString() : "";
      }
      if (next < 'a' || next > 'z') {
        return "";
      }
      name.append(next);
    }
    return "";
  }
}
