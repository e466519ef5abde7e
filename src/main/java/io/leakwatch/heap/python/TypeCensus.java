package io.leakwatch.heap.python;

import io.leakwatch.heap.MemoryProfile;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts blocks in use by the type of the object in them. An object begins with the count of its
 * references and its type (Include/object.h); before it lies what its type says, so that a type is
 * believed only where it stands in the right place. What is no object, such as the table of a
 * dictionary or an object that the interpreter keeps for the next one, is counted together.
 */
final class TypeCensus {
  private static final int ENTRIES_MAX = 4096;
  private static final String UNTYPED = "untyped blocks";
  private static final int HEADER_WORDS_MAX = 4;

  private final Types types;
  private final Map<String, long[]> sums = new HashMap<>();

  TypeCensus(Types types) {
    this.types = types;
  }

  /**
   * Counts a pool's blocks.
   *
   * @param words of the pool
   * @param read of them that were read
   * @param free a bit for each block
   */
  void add(Pool pool, long[] words, int read, long[] free) {
    int perBlock = pool.blockBytes() / 8;
    for (int i = 0; i < pool.carved(); i++) {
      if ((free[i >>> 6] >>> i & 1) == 0) {
        int at = Pool.HEADER_BYTES / 8 + i * perBlock;
        String name = at + perBlock <= read ? name(words, at, perBlock) : UNTYPED;
        long[] sum = sums.computeIfAbsent(name, unseen -> new long[2]);
        sum[0]++;
        sum[1] += pool.blockBytes();
      }
    }
  }

  private String name(long[] words, int at, int count) {
    for (int before = 0; before <= HEADER_WORDS_MAX && before + 2 <= count; before += 2) {
      if (isReferenced(words[at + before])) {
        Types.Type type = types.at(words[at + before + 1]);
        if (type.headerWords() == before && 8L * before + type.basicBytes() <= 8L * count) {
          return type.name();
        }
      }
    }
    return UNTYPED;
  }

  /**
   * Whether a word can be a count of references: it has 32 bits, of which none is an address; since
   * 3.14 the highest 16 are flags.
   */
  private static boolean isReferenced(long word) {
    return (int) word != 0 && (word >>> 32 & 0xffff) == 0;
  }

  MemoryProfile profile() {
    List<MemoryProfile.Entry> entries = new ArrayList<>();
    sums.forEach((name, sum) -> entries.add(MemoryProfile.Entry.ofType(name, sum[0], sum[1])));
    entries.sort(Comparator.comparingLong(MemoryProfile.Entry::bytes).reversed());
    return new MemoryProfile(
        MemoryProfile.Basis.TYPE, entries.subList(0, Math.min(ENTRIES_MAX, entries.size())));
  }
}
