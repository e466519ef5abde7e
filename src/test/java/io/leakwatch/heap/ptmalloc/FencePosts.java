package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.ProcessHeapMemory;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.AddressRanges;

/**
 * The fence posts of a live target's main arena, found without following a chunk. Where glibc
 * leaves a part of the main arena for another one (malloc/malloc.c, {@code sysmalloc}), it ends the
 * part, and with it a page, in two headers of 16 bytes in use; in three where the old top had no
 * more than that. They belong to nobody and {@code malloc_info} counts them nowhere. A thread's
 * heap ends in others: the last of them has no size. The first says whether the chunk before it is
 * free.
 */
final class FencePosts {
  private static final int POST_BYTES = 16;
  private static final long PREVIOUS_IN_USE = 1;
  private static final long POST = POST_BYTES | PREVIOUS_IN_USE;

  private FencePosts() {}

  /** Bytes of all that there are. */
  static long bytes(LiveHeap live) {
    HeapMemory memory = new ProcessHeapMemory(live.process.memory(), ReadMeter.UNPACED);
    Presence presence = new Presence(memory);
    AddressRanges ranges = AddressSpace.of(live.table).anonymous();
    int pageBytes = memory.pageBytes();
    long[] words = new long[6];
    long bytes = 0;
    for (int i = 0; i < ranges.count(); i++) {
      long end = ranges.end(i);
      long page = presence.nextPresent(ranges.start(i), end);
      while (page < end) {
        boolean read = memory.peek(page + pageBytes - 3 * POST_BYTES, words, 6) == 6;
        if (read && words[5] == POST && (words[3] | PREVIOUS_IN_USE) == POST) {
          bytes += ((words[1] | PREVIOUS_IN_USE) == POST ? 3 : 2) * POST_BYTES;
        }
        page = presence.nextPresent(page + pageBytes, end);
      }
    }
    return bytes;
  }
}
