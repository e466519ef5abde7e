package io.leakwatch.region;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;

/**
 * Stacks of threads and coroutines: writable anonymous memory directly above an inaccessible guard.
 *
 * <p>glibc maps a stack (8 MiB by default) and its guard (one page by default) in one piece, the
 * guard lowest; brpc maps each bthread's stack (1 MiB) the same way; HotSpot protects four pages at
 * the low end itself. What was mapped before may adjoin the upper end and be fused with it by the
 * kernel. On x86-64 glibc puts the thread's {@code struct pthread} into the stack's last 4 KiB, and
 * it begins with a pointer to itself, repeated 16 bytes behind (tcbhead_t: {@code tcb}, {@code
 * self}): where memory may be read this shows the upper end. Coroutine stacks have no such mark, so
 * shape decides where the mark is missing.
 */
final class ThreadStacks {
  private static final long GUARD_MAX_BYTES = 256 << 10;
  private static final long STACK_MAX_BYTES = 64 << 20;
  private static final long TOP_BYTES = 4096;
  private static final long USUAL_MIN_BYTES = 256 << 10;
  private static final long[] USUAL_BYTES = {8 << 20, 2 << 20, 1 << 20, 10 << 20, USUAL_MIN_BYTES};

  private final long[] top = new long[(int) TOP_BYTES / Long.BYTES];

  private int probes;

  /** Finds stacks; beyond a bounded number of probes their shape decides. */
  void find(LayoutDraft canvas, MemoryProbe probe, long pageBytes, int probesMax) {
    probes = probe.mayRead() ? probesMax : 0;
    MappingTable table = canvas.table();
    for (int guard = 0; guard + 1 < table.size(); guard++) {
      int stack = guard + 1;
      if (!isGuard(canvas, guard)
          || !canvas.isOpenWritable(stack)
          || !canvas.adjoins(guard, stack)
          || !canvas.cutsOf(stack).isEmpty()) {
        continue;
      }
      long end = end(table, stack, probe, pageBytes);
      if (end != 0) {
        canvas.decide(guardStart(canvas, guard), table.end(guard), RegionKind.THREAD_STACK);
        canvas.decide(table.start(stack), end, RegionKind.THREAD_STACK);
      }
    }
  }

  /** Small by itself, or small what a heap's tail leaves of it. */
  private static boolean isGuard(LayoutDraft canvas, int i) {
    long bytes = canvas.table().end(i) - guardStart(canvas, i);
    return canvas.isOpenReserved(i) && bytes > 0 && bytes <= GUARD_MAX_BYTES;
  }

  private static long guardStart(LayoutDraft canvas, int i) {
    long start = canvas.table().start(i);
    for (LayoutDraft.Cut cut : canvas.cutsOf(i)) {
      start = cut.end();
    }
    return start;
  }

  private long end(MappingTable table, int stack, MemoryProbe probe, long pageBytes) {
    long start = table.start(stack);
    long length = table.lengthBytes(stack);
    if (length <= STACK_MAX_BYTES && isUsual(length, pageBytes)) {
      return table.end(stack);
    }
    if (length > USUAL_MIN_BYTES && probes-- > 0 && !endsWithThread(probe, table.end(stack))) {
      for (long usual : USUAL_BYTES) {
        if (usual < length && endsWithThread(probe, start + usual)) {
          return start + usual;
        }
      }
    }
    return length <= STACK_MAX_BYTES ? table.end(stack) : 0;
  }

  private static boolean isUsual(long length, long pageBytes) {
    for (long usual : USUAL_BYTES) {
      if (length == usual || length == usual - pageBytes) {
        return true;
      }
    }
    return false;
  }

  private boolean endsWithThread(MemoryProbe probe, long end) {
    if (!probe.read(end - TOP_BYTES, top)) {
      return false;
    }
    for (int i = 0; i + 2 < top.length; i += 8) {
      long address = end - TOP_BYTES + i * 8L;
      if (top[i] == address && top[i + 2] == address) {
        return true;
      }
    }
    return false;
  }
}
