package io.leakwatch.heap.tcmalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.AddressSpace.DataSegment;
import io.leakwatch.heap.memory.Words;
import io.leakwatch.heap.tcmalloc.TcmallocReport.HeapGrowth;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who made the heap grow: the full library (not the minimal one) notes the call stack of each
 * growth, from the first on and without any setting ({@code RecordGrowth} in src/page_heap.cc). A
 * record has the bytes, the number of calls, up to 30 of them, and in the place of the 31st the
 * address of the record before. The variable that begins the chain is found by the records' shape.
 */
final class GrowthStacks {
  private static final int CALLS_MAX = 30;
  private static final int RECORD_WORDS = 33;
  private static final int LINK = 32;
  private static final int RECORDS_MAX = 1 << 16;
  private static final int RECORDS_MIN = 2;
  private static final long GROWTH_ALIGNMENT = 1 << 12;
  private static final int STACKS_MAX = 64;

  private final Words words;
  private final AddressSpace space;
  private final long[] record = new long[RECORD_WORDS];
  private long bytes;

  GrowthStacks(Words words, AddressSpace space) {
    this.words = words;
    this.space = space;
  }

  /**
   * The stacks, most bytes first.
   *
   * @param systemBytes of all spans: what the growths add up to
   */
  List<HeapGrowth> find(DataSegment data, long bytesMax, long systemBytes) {
    Map<List<Long>, long[]> best = new HashMap<>();
    words.search(
        data,
        bytesMax,
        (address, word) -> {
          if (isRecord(word) && record[LINK] != 0) {
            Map<List<Long>, long[]> stacks = chain(word);
            if (bytes >= systemBytes / 2 && bytes <= 2 * systemBytes) {
              best.putAll(stacks);
            }
          }
          return best.isEmpty();
        });
    List<HeapGrowth> growths = new ArrayList<>();
    best.forEach((stack, sum) -> growths.add(new HeapGrowth(sum[0], sum[1], stack)));
    growths.sort(Comparator.comparingLong(HeapGrowth::bytes).reversed());
    return List.copyOf(growths.subList(0, Math.min(STACKS_MAX, growths.size())));
  }

  private boolean isRecord(long address) {
    if (address <= 0
        || space.anonymous().endOf(address) < address + 8L * RECORD_WORDS
        || !words.read(address, record, RECORD_WORDS)) {
      return false;
    }
    boolean holds =
        record[0] > 0
            && record[0] % GROWTH_ALIGNMENT == 0
            && record[1] > 0
            && record[1] <= CALLS_MAX;
    for (int i = 0; holds && i < record[1]; i++) {
      holds = record[2 + i] > GROWTH_ALIGNMENT && space.anonymous().endOf(record[2 + i]) == 0;
    }
    return holds;
  }

  private Map<List<Long>, long[]> chain(long first) {
    Map<List<Long>, long[]> stacks = new HashMap<>();
    Set<Long> seen = new HashSet<>();
    bytes = 0;
    long at = first;
    while (at != 0 && seen.size() < RECORDS_MAX) {
      if (!isRecord(at) || !seen.add(at)) {
        return Map.of();
      }
      List<Long> stack = new ArrayList<>();
      for (int i = 0; i < record[1]; i++) {
        stack.add(record[2 + i]);
      }
      long[] sum = stacks.computeIfAbsent(List.copyOf(stack), s -> new long[2]);
      sum[0] += record[0];
      sum[1]++;
      bytes += record[0];
      at = record[LINK];
    }
    return seen.size() < RECORDS_MIN ? Map.of() : stacks;
  }
}
