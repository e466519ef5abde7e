package io.leakwatch.heap.content;

import io.leakwatch.proc.memory.AddressRanges;
import io.leakwatch.region.MemoryProbe;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds the heads of libstdc++'s hash tables (std::unordered_map and its sisters) among words, and
 * notes the size of their nodes and where their buckets are.
 *
 * <p>A head is: buckets, their number, the first node, the number of nodes, the maximum load factor
 * (a float, 1.0 unless somebody changed it), the next resize. That row of words is nothing else's.
 */
final class HashTables {
  static final int HEAD_WORDS = 6;

  /** Of the word before a chunk of glibc that tells its size; the application may use the rest. */
  static final int CHUNK_SIZE_BYTES = 8;

  private static final int ONE_AS_FLOAT = 0x3f800000;
  private static final int TABLES_MAX = 65_536;

  private final AddressRanges memory;
  private final MemoryProbe probe;
  private final Set<Long> nodeBytes = new HashSet<>();
  private final Set<Long> bucketArrays = new HashSet<>();
  private final long[] header = new long[1];

  HashTables(AddressRanges memory, MemoryProbe probe) {
    this.memory = memory;
    this.probe = probe;
  }

  /** Searches words of memory, at any place where a head can begin. */
  void search(long[] words, int count) {
    for (int i = 0; i + HEAD_WORDS <= count; i++) {
      if ((int) words[i + 4] == ONE_AS_FLOAT) {
        note(words, i);
      }
    }
  }

  private void note(long[] words, int i) {
    long buckets = words[i + 1];
    long first = words[i + 2];
    long elements = words[i + 3];
    boolean head =
        memory.contains(words[i])
            && buckets > 1
            && elements > 0
            && elements <= buckets * 2
            && (first & 7) == 0
            && memory.contains(first)
            && memory.contains(first - 8);
    if (head && probe.read(first - 8, header) && bucketArrays.size() < TABLES_MAX) {
      nodeBytes.add((header[0] & ~7L) - CHUNK_SIZE_BYTES);
      bucketArrays.add(words[i]);
    }
  }

  /** Whether objects of a size are nodes of such a table. */
  boolean hasNodesOf(long usableBytes) {
    return nodeBytes.contains(usableBytes);
  }

  /** Whether the buckets of such a table begin at an address. */
  boolean hasBucketsAt(long address) {
    return bucketArrays.contains(address);
  }
}
