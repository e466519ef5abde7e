package io.leakwatch.region;

import static io.leakwatch.proc.memory.MappingTable.Field.ANONYMOUS;
import static io.leakwatch.proc.memory.MappingTable.Field.ANON_HUGE_PAGES;

import io.leakwatch.elf.Linkage;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells what each mapping of a process is.
 *
 * <p>Signs are used in the order of their strength: the kernel's names and flags; what Go and a JVM
 * are known to place where; ptmalloc's heap headers, in memory where it may be read, else the shape
 * they leave; a file's zero-filled data behind its written data; guards below stacks; headers of
 * mmapped chunks. Private memory that is still unexplained belongs to jemalloc or tcmalloc where
 * one of them serves malloc, and is plain anonymous otherwise. Nothing is decided twice, so the
 * kinds' resident bytes add up to the Rss of the table exactly.
 *
 * <p>An instance keeps its scratch memory from look to look and is for one thread.
 */
public final class Classifier {
  /** First arena of the Go runtime (runtime/malloc.go) on amd64 and arm64; 2^36 bytes each. */
  private static final long[] GO_HINTS = {0xc000000000L, 0x4000000000L};

  private static final long GO_HINT_BYTES = 1L << 36;

  /** jemalloc and tcmalloc map larger pieces; what is smaller is the loader's or the program's. */
  private static final long EXTENT_MIN_BYTES = 64 << 10;

  private static final long PREFIXED_EXTENT_MIN_BYTES = 2 << 20;

  private final ClassifierSettings settings;
  private final LayoutDraft canvas = new LayoutDraft();
  private final Allocators allocators = new Allocators();
  private final ArenaHeaps arenaHeaps = new ArenaHeaps();
  private final ThreadStacks threadStacks = new ThreadStacks();
  private final MallocChunks mallocChunks = new MallocChunks();
  private final KindSums sums = new KindSums();

  public Classifier(ClassifierSettings settings) {
    this.settings = settings;
  }

  /** Classifies with default bounds, for those who do not need the regions. */
  public static Layout layout(MappingTable table, MemoryProbe probe, Linkage linkage) {
    return new Classifier(ClassifierSettings.DEFAULTS)
        .classify(table, probe, linkage, null)
        .layout();
  }

  /**
   * Classifies every mapping.
   *
   * @param probe {@link MemoryProbe#NONE} when the memory may not be read
   * @param linkage of the executable
   * @param regions filled with the kinds of mappings and of their parts; null where only the sums
   *     are wanted
   */
  public Classification classify(
      MappingTable table, MemoryProbe probe, Linkage linkage, @Nullable RegionMap regions) {
    List<String> notes = new ArrayList<>();
    canvas.reset(table);
    allocators.reset(table, linkage);
    long pageBytes = table.basePageBytes();
    for (int i = 0; i < table.size(); i++) {
      RegionKind kind = NameRules.kind(table, i, pageBytes);
      if (kind != null) {
        canvas.decide(i, kind);
      }
    }
    findGo();
    boolean compressedHeap = allocators.jvm() && JavaHeaps.findCompressed(canvas);
    allocators.lookAtBrk(canvas, probe);
    ArenaHeaps.Found found = arenaHeaps.find(canvas, probe, pageBytes, settings.heapProbesMax());
    int arenas = addHeaps(found, probe, notes);
    findBss();
    threadStacks.find(canvas, probe, pageBytes, settings.stackProbesMax());
    if (allocators.jvm() && !compressedHeap) {
      JavaHeaps.findLargestRun(canvas);
    }
    if (allocators.ptmalloc()) {
      mallocChunks.find(canvas, probe, pageBytes, settings.chunkProbesMax());
    }
    attributeRest();
    if (probe == MemoryProbe.NONE) {
      notes.add("memory not read: heaps by shape only, mmapped chunks counted as anonymous");
    }
    Map<RegionKind, Layout.Totals> kinds = sums.sum(canvas, probe, regions);
    Layout layout =
        new Layout(
            allocators.names(),
            kinds,
            List.copyOf(found.heaps().values()),
            arenas + (allocators.ptmalloc() ? 1 : 0),
            table.size(),
            table.has(ANON_HUGE_PAGES) ? table.total(ANON_HUGE_PAGES) : -1,
            table.has(ANONYMOUS));
    return new Classification(layout, 1L << found.maxBytesShift(), List.copyOf(notes));
  }

  private void findGo() {
    MappingTable table = canvas.table();
    for (int i = 0; i < table.size(); i++) {
      if (!canvas.isOpenAnonymous(i)) {
        continue;
      }
      for (long hint : GO_HINTS) {
        long distance = table.start(i) - hint;
        if (distance >= 0 && distance < GO_HINT_BYTES) {
          canvas.decide(i, RegionKind.GO_HEAP);
          allocators.noteGo();
        }
      }
    }
  }

  /** Decides the heaps' address ranges, tails included, and returns the number of their arenas. */
  private int addHeaps(ArenaHeaps.Found found, MemoryProbe probe, List<String> notes) {
    int arenas = found.arenas();
    if (arenas > 0) {
      allocators.noteArenas();
    }
    if (!allocators.otherServesMalloc() && found.maxBytesShift() == 26) {
      boolean blind = probe == MemoryProbe.NONE;
      int confirmed = found.heaps().size();
      HeapShapes.find(canvas, h -> blind || found.unreadable().contains(h), found.heaps());
      int byShape = found.heaps().size() - confirmed;
      arenas += byShape;
      if (byShape > 0) {
        allocators.noteShapes();
        notes.add(byShape + " heaps known by shape only, each counted as an arena of its own");
      }
    }
    long maxBytes = 1L << found.maxBytesShift();
    for (long heap : found.heaps().keySet()) {
      canvas.decide(heap, heap + maxBytes, RegionKind.ARENA);
      int mapping = canvas.mappingAt(heap);
      if (mapping >= 0 && canvas.kind(mapping) == RegionKind.HUGETLB) {
        canvas.decide(mapping, RegionKind.ARENA);
      }
    }
    return arenas;
  }

  /** Zero-filled data lies directly behind the written data of its file. */
  private void findBss() {
    MappingTable table = canvas.table();
    for (int i = 0; i + 1 < table.size(); i++) {
      if (canvas.kind(i) == RegionKind.FILE_PRIVATE
          && canvas.adjoins(i, i + 1)
          && canvas.isOpenWritable(i + 1)
          && canvas.cutsOf(i + 1).isEmpty()) {
        canvas.decide(i + 1, RegionKind.FILE_PRIVATE);
      }
    }
  }

  private void attributeRest() {
    RegionKind other = allocators.otherKind();
    if (other == null) {
      return;
    }
    boolean serves = allocators.otherServesMalloc();
    long smallest = serves ? EXTENT_MIN_BYTES : PREFIXED_EXTENT_MIN_BYTES;
    MappingTable table = canvas.table();
    for (int i = 0; i < table.size(); i++) {
      boolean brk = canvas.kind(i) == RegionKind.BRK_HEAP;
      if (brk ? serves && !allocators.ptmalloc() : isExtent(i, smallest)) {
        canvas.decide(i, other);
      }
    }
  }

  private boolean isExtent(int i, long smallest) {
    return canvas.isOpenWritable(i)
        && !canvas.table().isExecutable(i)
        && canvas.table().lengthBytes(i) >= smallest;
  }
}
