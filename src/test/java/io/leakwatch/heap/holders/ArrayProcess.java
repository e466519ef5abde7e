package io.leakwatch.heap.holders;

import io.leakwatch.elf.Linkage;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.heap.HeapTotals;
import io.leakwatch.heap.ObjectNames;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.heap.ptmalloc.ArenaTally;
import io.leakwatch.heap.ptmalloc.ArrayHeap;
import io.leakwatch.heap.ptmalloc.CacheCandidates;
import io.leakwatch.heap.ptmalloc.ChunkWalk;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import io.leakwatch.heap.ptmalloc.WordMemory;
import io.leakwatch.proc.LiveFiles;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.Classifier;
import io.leakwatch.region.ClassifierSettings;
import io.leakwatch.region.MemoryProbe;
import io.leakwatch.region.RegionMap;
import io.leakwatch.symbols.SymbolSettings;
import io.leakwatch.symbols.Symbolizer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/** A heap and some variables in arrays, with random pointers between them, and who holds whom. */
final class ArrayProcess extends WordMemory {
  static final long DATA = 0x555500000000L;

  final ArrayHeap heap;
  final long[] data = new long[4 * 512];
  final MappingTable table = new MappingTable();
  final RegionMap regions = new RegionMap();

  /** Size of each chunk in use by its first byte that the application uses. */
  final TreeMap<Long, Long> inUse = new TreeMap<>();

  private final TreeMap<Long, Long> free = new TreeMap<>();
  private final Map<Long, List<Long>> pointers = new TreeMap<>();
  private final Set<Long> held = new HashSet<>();

  ArrayProcess(long seed, int pages) {
    heap = new ArrayHeap(seed, pages);
    int all = MappingTable.READ | MappingTable.WRITE;
    table.add(DATA, DATA + data.length * 8L, all, 0, 7, "/bin/paper");
    table.add(ArrayHeap.HEAP, ArrayHeap.HEAP + heap.bytes(), all, 0, 0, "");
    MemoryProbe probe =
        new MemoryProbe() {
          @Override
          public boolean read(long address, long[] words) {
            return heap.peek(address, words, words.length) == words.length;
          }

          @Override
          public long residentBytes(long start, long end) {
            return end - start;
          }
        };
    new Classifier(ClassifierSettings.DEFAULTS).classify(table, probe, Linkage.UNKNOWN, regions);
    walk(
        new ObjectVisitor() {
          @Override
          public void object(long address, long bytes, boolean used) {
            (used ? inUse : free).put(address, bytes);
          }
        });
  }

  /** Writes pointers from variables, chunks in use and free ones to random chunks. */
  void connect(Random random, int fromData, int fromChunks, int fromFree) {
    List<Long> chunks = new ArrayList<>(inUse.keySet());
    List<Long> freed = new ArrayList<>(free.keySet());
    for (int i = 0; i < fromData; i++) {
      long to = chunks.get(random.nextInt(chunks.size()));
      data[random.nextInt(data.length / fromData) + i * (data.length / fromData)] = to;
      held.add(to);
    }
    for (int i = 0; i < fromChunks; i++) {
      long from = chunks.get(random.nextInt(chunks.size()));
      long to = chunks.get(random.nextInt(chunks.size()));
      long at = from + 8L * random.nextInt((int) (inUse.getOrDefault(from, 16L) / 8));
      if (from != to && !pointers.containsKey(at)) {
        pointers.put(at, List.of(from, to));
        heap.put(at, to + random.nextInt((int) Math.min(8, inUse.getOrDefault(to, 16L))));
      }
    }
    for (int i = 0; i < fromFree && !freed.isEmpty(); i++) {
      long from = freed.get(random.nextInt(freed.size()));
      if (free.getOrDefault(from, 0L) > 32) {
        heap.put(from + 16, chunks.get(random.nextInt(chunks.size())));
      }
    }
  }

  /** The chunks in use that a variable leads to. */
  Set<Long> reachable() {
    Set<Long> reached = new HashSet<>(held);
    ArrayDeque<Long> queue = new ArrayDeque<>(held);
    while (!queue.isEmpty()) {
      long from = queue.remove();
      for (List<Long> pointer : pointers.values()) {
        if (pointer.get(0) == from && reached.add(pointer.get(1))) {
          queue.add(pointer.get(1));
        }
      }
    }
    return reached;
  }

  Outcome<OwnerReports> walk(ObjectVisitor visitor) {
    ByteBudget budget = new ByteBudget(1L << 30, ReadPace.UNPACED);
    ArenaTally tally =
        new ArenaTally(new SizeCensus(), new Presence(heap), new CacheCandidates(0, 0), visitor);
    new ChunkWalk(heap, new Presence(heap), budget, 1 << 16).walk(heap.segment(), tally);
    HeapReport.Arena arena =
        new HeapReport.Arena(
            0,
            ArrayHeap.ARENA,
            new HeapTotals(1, 0, 0, 0, 0, 0, 0),
            0,
            HeapReport.Absent.NONE,
            0,
            null);
    return Outcome.sampled(
        OwnerReports.of(
            new HeapReport(
                new HeapReport.Walk("paper", 1, List.of()),
                List.of(arena),
                HeapReport.Mmapped.NONE,
                0,
                List.of())));
  }

  HolderReport search(List<SoughtMemory> suspects, HolderSettings settings) {
    HolderSearch search =
        new HolderSearch(settings, ReadMeter.UNPACED, ReadPace.UNPACED, HolderProgress.NONE);
    HolderSearch.Target target =
        new HolderSearch.Target(
            this,
            table,
            regions,
            new HolderSearch.Threads(1, 0, () -> Outcome.sampled(List.of()), List::of),
            () -> Outcome.sampled(table),
            this::walk);
    try (Symbolizer symbols =
        new Symbolizer(
            new MappingTable(), new LiveFiles(Path.of("paper")), SymbolSettings.DEFAULTS)) {
      return LiveHeap.value(search.search(target, symbols, ObjectNames.NONE, suspects));
    }
  }

  @Override
  public long present(long start, int pages, long[] bits) {
    long swapped = heap.present(start, pages, bits);
    for (int i = 0; i < pages; i++) {
      long page = (start - DATA >> 12) + i;
      if (page >= 0 && page < data.length / 512) {
        bits[i >>> 6] |= 1L << i;
      }
    }
    return swapped;
  }

  @Override
  public int pageBytes() {
    return heap.pageBytes();
  }

  @Override
  public int peek(long address, long[] into, int count) {
    long word = address - DATA >> 3;
    if (word < 0 || word >= data.length) {
      return heap.peek(address, into, count);
    }
    int taken = (int) Math.min(count, data.length - word);
    System.arraycopy(data, (int) word, into, 0, taken);
    return taken;
  }
}
