package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.ProcessHeapMemory;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.proc.LiveFiles;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The memory of a live process as it was at one time, whole or with damage: words that say
 * something else, pages that are not there or swapped. What is taken once serves many walks.
 */
public final class DamagedMemory extends WordMemory {
  private static final int PAGE = 4096;
  private static final int PAGE_WORDS = PAGE / 8;

  private final TreeMap<Long, long[]> pages;
  private final Map<Long, Long> changed = new HashMap<>();
  private final Set<Long> absent = new HashSet<>();
  private final Map<Long, Integer> swapped = new HashMap<>();
  private final Set<Long> peeked = new TreeSet<>();
  public int reads;

  private DamagedMemory(TreeMap<Long, long[]> pages) {
    this.pages = pages;
  }

  /** Takes every present page of writable private memory, stacks excepted. */
  public static DamagedMemory of(ProcessReader process, MappingTable table) {
    return of(process, table, "-");
  }

  /** The same with the constants of a file. */
  public static DamagedMemory of(ProcessReader process, MappingTable table, String file) {
    TreeMap<Long, long[]> pages = new TreeMap<>();
    HeapMemory live = new ProcessHeapMemory(process.memory(), ReadMeter.UNPACED);
    long[] bits = new long[1];
    for (int i = 0; i < table.size(); i++) {
      boolean isConstant = table.name(i).endsWith(file) && !table.isExecutable(i);
      if (!(table.isWritable(i) || isConstant) || table.name(i).startsWith("[stack")) {
        continue;
      }
      for (long page = table.start(i); page < table.end(i); page += PAGE) {
        long[] words = new long[PAGE_WORDS];
        live.present(page, 1, bits);
        if (bits[0] != 0 && live.peek(page, words, PAGE_WORDS) == PAGE_WORDS) {
          pages.put(page, words);
        }
      }
    }
    return new DamagedMemory(pages);
  }

  /** The memory of a process that runs, and the mappings that it has at that time. */
  public static DamagedMemory of(int pid, MappingTable table, String file) {
    try (ProcessReader process =
        LiveHeap.value(ProcFs.live().open(LiveHeap.value(ProcFs.live().identify(pid)).id()))) {
      LiveHeap.value(process.maps(table, ReadMeter.UNPACED));
      return of(process, table, file);
    }
  }

  /** A process of this memory, without files. */
  public OwnerTarget target(MappingTable table, OwnerTarget.Depth depth) {
    return new OwnerTarget(
        this,
        table,
        List.of(),
        () -> Outcome.sampled(table),
        new LiveFiles(Path.of("paper")),
        ReadPace.UNPACED,
        depth);
  }

  /** The same without damage. */
  public DamagedMemory whole() {
    return new DamagedMemory(pages);
  }

  /** All pages there are, in order. */
  public long[] pageAddresses() {
    return pages.keySet().stream().mapToLong(Long::longValue).toArray();
  }

  public long word(long address) {
    Long other = changed.get(address);
    long[] page = pages.get(address & -PAGE);
    return other != null ? other : page == null ? 0 : page[(int) (address & PAGE - 1) / 8];
  }

  public void change(long address, long value) {
    changed.put(address & -8L, value);
  }

  public void remove(long page) {
    absent.add(page);
  }

  /** Lets a page look swapped for as many questions: for ever, or while the kernel moves it. */
  void swap(long page, int questions) {
    swapped.put(page, questions);
  }

  /** Pages of which words were peeked at, in order. */
  public List<Long> peekedPages() {
    return List.copyOf(peeked);
  }

  private boolean isPresent(long page) {
    return pages.containsKey(page) && !absent.contains(page);
  }

  private boolean isSwapped(long page) {
    Integer left = swapped.computeIfPresent(page, (p, questions) -> questions - 1);
    return left != null && left >= 0;
  }

  @Override
  public int pageBytes() {
    return PAGE;
  }

  @Override
  public long present(long start, int count, long[] bits) {
    reads++;
    Arrays.fill(bits, 0);
    long swappedBytes = 0;
    for (long page : pages.subMap(start, start + (long) count * PAGE).keySet()) {
      if (isSwapped(page)) {
        swappedBytes += PAGE;
      } else if (isPresent(page)) {
        int i = (int) ((page - start) / PAGE);
        bits[i >>> 6] |= 1L << i;
      }
    }
    return swappedBytes;
  }

  @Override
  public int peek(long address, long[] into, int count) {
    reads++;
    int done = 0;
    while (done < count) {
      long at = address + 8L * done;
      boolean entersPage = done == 0 || (at & PAGE - 1) == 0;
      if ((at & 7) != 0 || !isPresent(at & -PAGE) || (entersPage && isSwapped(at & -PAGE))) {
        break;
      }
      peeked.add(at & -PAGE);
      into[done++] = word(at);
    }
    return done;
  }
}
