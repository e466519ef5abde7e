package io.leakwatch.heap.holders;

import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.proc.ProcessThread;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.text.ForeignText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which memory belongs to which thread: its stack and its thread-local variables.
 *
 * <p>A stack pointer tells whose stack a mapping is and where the living part of it begins: what
 * lies below (but for the 128 bytes that leaf functions may use, System V ABI) is left over from
 * calls that have returned and holds nothing. Of a thread that runs all the time the whole stack
 * counts.
 *
 * <p>On x86-64 a thread's control block begins with a pointer to itself, repeated 16 bytes behind
 * (glibc, tcbhead_t), and has its thread's id at a distance that has not changed since 2.4. Static
 * thread-local variables lie directly below it. That of the main thread lies in an anonymous
 * mapping of the loader's, or at the start of the brk heap where there is no loader.
 */
final class ThreadMemory {
  private static final long RED_ZONE_BYTES = 128;
  private static final int TID_WORD = 0x2d0 / 8;
  private static final int CONTROL_BLOCK_BYTES = 0x900;
  private static final int TOP_PAGES = 2;
  private static final long LOADER_BYTES_MAX = 256 << 10;
  private static final int NAME_CHARACTERS_MAX = 32;
  private static final int LOADER_PAGES_MAX = 512;

  /** A stack or another area of one thread. */
  private record Area(
      long start, long end, long aliveFrom, long controlBlock, @Nullable ProcessThread thread) {}

  private final HeapMemory memory;
  private final int mainTid;
  private final long localsBytes;
  private final Map<Integer, ProcessThread> threads = new HashMap<>();
  private final List<Area> stacks = new ArrayList<>();
  private @Nullable Area mainLocals;
  private int unknownStackPointers;

  /**
   * Searches for the threads' memory.
   *
   * @param localsBytes of thread-local variables below each control block
   */
  ThreadMemory(
      HeapMemory memory,
      MappingTable table,
      RegionMap regions,
      List<ProcessThread> listed,
      int mainTid,
      long localsBytes) {
    this.memory = memory;
    this.mainTid = mainTid;
    this.localsBytes = localsBytes;
    for (ProcessThread thread : listed) {
      threads.put(thread.tid(), thread);
      unknownStackPointers += thread.stackPointer() == 0 ? 1 : 0;
    }
    Map<Integer, ProcessThread> byRegion = byRegion(regions, listed);
    for (int r = 0; r < regions.size(); r++) {
      RegionKind kind = regions.kind(r);
      boolean isStack = kind == RegionKind.THREAD_STACK || kind == RegionKind.MAIN_STACK;
      if (isStack && table.isWritable(regions.mapping(r))) {
        addStack(regions, r, byRegion.get(r));
      }
    }
    findMainLocals(table, regions);
  }

  private static Map<Integer, ProcessThread> byRegion(
      RegionMap regions, List<ProcessThread> listed) {
    Map<Integer, ProcessThread> byRegion = new HashMap<>();
    for (ProcessThread thread : listed) {
      int region = thread.stackPointer() == 0 ? -1 : regions.indexOf(thread.stackPointer());
      if (region >= 0) {
        byRegion.putIfAbsent(region, thread);
      }
    }
    return byRegion;
  }

  private void addStack(RegionMap regions, int region, @Nullable ProcessThread bySp) {
    long start = regions.start(region);
    long end = regions.end(region);
    boolean isMain = regions.kind(region) == RegionKind.MAIN_STACK;
    long block = isMain ? 0 : controlBlock(Math.max(start, end - TOP_PAGES * 4096L), end);
    ProcessThread thread = bySp;
    if (thread == null) {
      thread = isMain ? threads.get(mainTid) : block == 0 ? null : threads.get(tidAt(block));
    }
    long sp = bySp == null ? 0 : bySp.stackPointer();
    long alive = sp == 0 ? start : Math.max(start, sp - RED_ZONE_BYTES & -8L);
    stacks.add(new Area(start, end, alive, block, thread));
  }

  private void findMainLocals(MappingTable table, RegionMap regions) {
    int pagesLeft = LOADER_PAGES_MAX;
    for (int r = 0; r < regions.size() && pagesLeft > 0; r++) {
      RegionKind kind = regions.kind(r);
      boolean isBrk = kind == RegionKind.BRK_HEAP;
      long start = regions.start(r);
      long end = isBrk ? Math.min(regions.end(r), start + 8192) : regions.end(r);
      boolean candidate =
          isBrk
              || ((kind == RegionKind.ANONYMOUS || kind == RegionKind.FILE_PRIVATE)
                  && table.inode(regions.mapping(r)) == 0
                  && table.isWritable(regions.mapping(r))
                  && end - start <= LOADER_BYTES_MAX);
      for (long page = start; candidate && page < end && pagesLeft-- > 0; page += 4096) {
        long block = controlBlock(page, Math.min(end, page + 4096));
        if (block != 0 && tidAt(block) == mainTid) {
          long from = isBrk ? page : start;
          mainLocals =
              new Area(from, block + CONTROL_BLOCK_BYTES, from, block, threads.get(mainTid));
          return;
        }
      }
    }
  }

  /** The last thing in a range that looks like a control block, 0 when nothing does. */
  private long controlBlock(long from, long end) {
    int count = (int) ((end - from) >>> 3);
    long[] words = new long[count];
    int got = memory.peek(from, words, count);
    if (got < count && end - from > 4096) {
      return controlBlock(end - 4096, end);
    }
    for (int i = (got - 3) & -8; i >= 0; i -= 8) {
      long address = from + 8L * i;
      if (words[i] == address && words[i + 2] == address) {
        return address;
      }
    }
    return 0;
  }

  private int tidAt(long controlBlock) {
    long[] word = new long[1];
    return memory.peek(controlBlock + TID_WORD * 8L, word, 1) == 1 ? (int) word[0] : 0;
  }

  /** Threads that ran whenever they were asked for their stack pointer. */
  int unknownStackPointers() {
    return unknownStackPointers;
  }

  /** First address of a stack that is alive; the start itself for what is no known stack. */
  long aliveFrom(long start) {
    for (Area area : stacks) {
      if (area.start() == start) {
        return area.aliveFrom();
      }
    }
    return start;
  }

  /** What an address is to its thread, null when it is no thread's. */
  @Nullable Root rootOf(long address) {
    Area locals = mainLocals;
    if (locals != null && address >= locals.start() && address < locals.end()) {
      return new Root("thread-local of " + name(locals.thread()), 0, Root.Rank.THREAD_LOCAL);
    }
    for (Area area : stacks) {
      if (address >= area.start() && address < area.end()) {
        return rootIn(area, address);
      }
    }
    return null;
  }

  private Root rootIn(Area area, long address) {
    if (address < area.aliveFrom()) {
      return Root.DEAD;
    }
    if (area.controlBlock() != 0 && address >= area.controlBlock() - localsBytes) {
      return new Root("thread-local of " + name(area.thread()), 0, Root.Rank.THREAD_LOCAL);
    }
    return area.thread() == null
        ? new Root("a stack without a thread", 0, Root.Rank.STACK)
        : new Root("stack of " + name(area.thread()), 0, Root.Rank.STACK);
  }

  /** How a thread is called in words. */
  String name(@Nullable ProcessThread thread) {
    if (thread == null) {
      return "a thread";
    }
    return (thread.tid() == mainTid ? "main thread " : "thread ")
        + thread.tid()
        + (thread.name().isEmpty()
            ? ""
            : " (" + ForeignText.harmless(thread.name(), NAME_CHARACTERS_MAX) + ")");
  }
}
