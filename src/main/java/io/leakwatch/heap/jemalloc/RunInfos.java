package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.Presence;
import java.util.ArrayList;
import java.util.List;

/**
 * How jemalloc 3.6 cuts runs of pages into regions, for each size: a table among its variables
 * ({@code arena_bin_info}), known by the sizes that it begins with.
 */
final class RunInfos {
  private static final long[] FIRST_SIZES = {8, 16, 32, 48, 64};
  private static final int[] STRIDES = {13, 12, 14, 11, 15};
  private static final int COUNT_MAX = 64;
  private static final int REGIONS_MAX = 2048;
  private static final int PIECE_WORDS = 1 << 13;

  private RunInfos() {}

  /**
   * One size.
   *
   * @param interval from one region to the next, with what is around a region
   * @param first where the first region is in a run
   * @param bitmap where a run's bitmap is, a set bit for each free region
   */
  record RunInfo(long size, long interval, long runBytes, int regions, int first, int bitmap) {}

  /** The table and the file among whose variables it is; empty where there is none. */
  record Table(List<RunInfo> infos, AddressSpace.DataSegment data) {}

  /** Every table that looks like one, in the order of addresses. */
  static List<Table> find(HeapMemory memory, AddressSpace space, long bytesMax) {
    List<Table> found = new ArrayList<>();
    Presence presence = new Presence(memory);
    long[] words = new long[PIECE_WORDS];
    int overlap = COUNT_MAX * 16;
    long left = bytesMax;
    for (AddressSpace.DataSegment data : space.data()) {
      long at = data.libc() ? data.end() : presence.nextPresent(data.start(), data.end());
      while (at < data.end() && left > 0) {
        int wanted = (int) Math.min(PIECE_WORDS, (data.end() - at) >>> 3);
        int count = Math.max(0, memory.peek(at, words, wanted));
        left -= Math.max(4096, count * 8L);
        for (int i = 0; i < count; i++) {
          List<RunInfo> infos = words[i] == FIRST_SIZES[0] ? at(words, i, count) : List.of();
          if (!infos.isEmpty()) {
            found.add(new Table(infos, data));
            break;
          }
        }
        boolean whole = count == PIECE_WORDS;
        at =
            presence.nextPresent(
                at + 8L * Math.max(1, whole ? count - overlap : count), data.end());
      }
    }
    return found;
  }

  private static List<RunInfo> at(long[] words, int at, int count) {
    for (int stride : STRIDES) {
      boolean is = true;
      for (int i = 0; i < FIRST_SIZES.length && is; i++) {
        is = at + i * stride < count && words[at + i * stride] == FIRST_SIZES[i];
      }
      if (is) {
        return table(words, at, count, stride);
      }
    }
    return List.of();
  }

  private static List<RunInfo> table(long[] words, int from, int count, int stride) {
    List<RunInfo> infos = new ArrayList<>();
    long last = 0;
    for (int at = from; at + stride <= count && infos.size() < COUNT_MAX; at += stride) {
      int regions = (int) words[at + 4];
      RunInfo info =
          new RunInfo(
              words[at],
              words[at + 2],
              words[at + 3],
              regions,
              (int) (words[at + stride - 1] >>> 32),
              (int) (words[at + 4] >>> 32));
      boolean fits =
          info.size() > last
              && info.interval() >= info.size()
              && info.runBytes() > 0
              && info.runBytes() % ChunkShape.PAGE_BYTES == 0
              && regions > 0
              && regions <= REGIONS_MAX
              && info.first() >= info.bitmap()
              && info.bitmap() >= 16
              && info.first() + regions * info.interval() <= info.runBytes() + info.interval();
      if (!fits) {
        break;
      }
      last = info.size();
      infos.add(info);
    }
    return infos.size() >= FIRST_SIZES.length ? infos : List.of();
  }
}
