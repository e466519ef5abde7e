package io.leakwatch.region;

import static io.leakwatch.proc.memory.MappingTable.Field.ANONYMOUS;
import static io.leakwatch.proc.memory.MappingTable.Field.ANON_HUGE_PAGES;

import io.leakwatch.elf.Linkage;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells what each mapping of a process is.
 *
 * <p>Signs are used in the order of their strength: the kernel's names and flags; what Go and a JVM
 * are known to place where; ptmalloc's heap headers, in memory where it may be read, else the shape
 * they leave; a file's zero-filled data behind its written data; guards below stacks; headers of
 * mmapped chunks; BEAM's carriers. Private memory that is still unexplained belongs to jemalloc or
 * tcmalloc where one of them serves malloc, and is plain anonymous otherwise. Nothing is decided
 * twice, so the kinds' resident bytes add up to the Rss of the table exactly.
 *
 * <p>An instance keeps its scratch memory from look to look and is for one thread.
 */
public final class Classifier {
  /** First arena of the Go runtime (runtime/malloc.go) on amd64 and arm64. */
  private static final long[] GO_HINTS = {0xc000000000L, 0x4000000000L};

  private static final long GO_HINT_BYTES = 1L << 36;

  /** More than the kernel's area for mappings takes in nearly all processes. */
  private static final long FAR_BYTES = 1L << 40;

  /** What the Go runtime reserves at a time since 1.11. */
  private static final long GO_ARENA_BYTES = 64L << 20;

  /** jemalloc and tcmalloc map larger pieces; what is smaller is the loader's or the program's. */
  private static final long EXTENT_MIN_BYTES = 64 << 10;

  private static final long PREFIXED_EXTENT_MIN_BYTES = 2 << 20;

  private final ClassifierSettings settings;
  private final LayoutDraft canvas = new LayoutDraft();
  private final Allocators allocators = new Allocators();
  private final ArenaHeaps arenaHeaps = new ArenaHeaps();
  private final ThreadStacks threadStacks = new ThreadStacks();
  private final PythonArenas pythonArenas = new PythonArenas();
  private final BeamCarriers carriers = new BeamCarriers();
  private final RuntimePieces beamCarriers = new RuntimePieces(carriers, RegionKind.BEAM_CARRIER);
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
    boolean javaHeapKnown = allocators.jvm() && findJavaHeap(probe);
    allocators.lookAtBrk(canvas, probe);
    ArenaHeaps.Found found = arenaHeaps.find(canvas, probe, pageBytes, settings.heapProbesMax());
    if (found.arenas() > 0) {
      allocators.noteArenas();
    }
    decideHeaps(found);
    int confirmed = found.heaps().size();
    boolean shapesTell = !allocators.otherServesMalloc() && found.maxBytesShift() == 26;
    HeapShapes shapes =
        new HeapShapes(
            canvas,
            probe,
            pageBytes,
            h -> probe.mayRead() ? found.unreadable().contains(h) : allocators.mayHoldHeap(h),
            found.heaps());
    if (shapesTell) {
      shapes.findWithTail();
      decideHeaps(found);
    }
    if (allocators.python()
        && pythonArenas.find(canvas, probe, pageBytes, settings.chunkProbesMax())) {
      allocators.notePythonArenas();
    }
    findBss();
    threadStacks.find(canvas, probe, pageBytes, settings.stackProbesMax());
    if (allocators.jvm() && !javaHeapKnown) {
      JavaHeaps.findLargestRun(canvas);
    }
    if (shapesTell) {
      shapes.findFull();
      decideHeaps(found);
    }
    int byShape = found.heaps().size() - confirmed;
    if (byShape > 0) {
      allocators.noteShapes();
    }
    carriers.reset();
    if (allocators.mayBeBeam() && beamCarriers.find(canvas, probe, pageBytes)) {
      allocators.noteBeamCarriers();
    }
    if (allocators.ptmalloc()) {
      mallocChunks.find(canvas, probe, pageBytes, settings.chunkProbesMax());
    }
    attributeRest();
    Layout layout =
        new Layout(
            allocators.names(),
            sums.sum(canvas, probe, regions),
            List.copyOf(found.heaps().values()),
            found.arenas() + byShape + (allocators.ptmalloc() ? 1 : 0),
            table.size(),
            basis(table, probe, byShape));
    AddressSpace space = regions == null ? AddressSpace.UNKNOWN : AddressSpace.of(table, regions);
    return new Classification(layout, 1L << found.maxBytesShift(), space);
  }

  private Layout.Basis basis(MappingTable table, MemoryProbe probe, int byShape) {
    List<String> notes = new ArrayList<>();
    if (byShape > 0) {
      notes.add(
          byShape
              + (byShape == 1 ? " heap of a thread arena is" : " heaps of thread arenas are")
              + " known by the shape alone (64 MiB, aligned, writable and then inaccessible):"
              + " each counts as an arena of its own");
    }
    if (!probe.mayRead() && allocators.ptmalloc()) {
      notes.add("memory not read: what malloc got by mmap counts as anonymous");
    }
    return new Layout.Basis(
        table.has(ANONYMOUS),
        table.has(ANON_HUGE_PAGES) ? table.total(ANON_HUGE_PAGES) : -1,
        byShape > 0 ? Set.of(RegionKind.ARENA) : Set.of(),
        notes);
  }

  /** What memory that may not be read could else show as heaps of malloc goes to the JVM first. */
  private boolean findJavaHeap(MemoryProbe probe) {
    return JavaHeaps.findCompressed(canvas)
        || (!probe.mayRead() && JavaHeaps.findLargestRun(canvas, JavaHeaps.UNCOMPRESSED_BYTES));
  }

  /**
   * Where an executable of Go says that it is one, its hints are its heap. A library of Go in
   * another program says nothing; there the heap must look like one: without a gap from the hint
   * on, in whole arenas.
   */
  private void findGo() {
    boolean isFound = false;
    for (long hint : GO_HINTS) {
      int first = canvas.firstEndingBehind(hint);
      int behind = allocators.go() ? canvas.firstEndingBehind(hint + GO_HINT_BYTES) : run(first);
      boolean looksLikeGo =
          behind > first
              && canvas.table().start(first) == hint
              && (canvas.table().end(behind - 1) - hint) % GO_ARENA_BYTES == 0;
      if (allocators.go() || looksLikeGo) {
        isFound |= decideGo(first, behind);
      }
    }
    if (allocators.go() && !isFound) {
      findGoByDistance();
    }
  }

  private boolean decideGo(int first, int behind) {
    boolean isFound = false;
    for (int i = first; i < behind; i++) {
      if (canvas.isOpenAnonymous(i)) {
        canvas.decide(i, RegionKind.GO_HEAP);
        allocators.noteGo();
        isFound = true;
      }
    }
    return isFound;
  }

  /**
   * Since 1.26 the heap begins at a random place (runtime/malloc.go, randomizedHeapBase64): far
   * from all that the kernel or the linker placed.
   */
  private void findGoByDistance() {
    MappingTable table = canvas.table();
    long below = 0;
    for (int i = 0; i < table.size(); i++) {
      if (!table.name(i).isEmpty()) {
        below = table.end(i);
      } else if (canvas.isOpenAnonymous(i)
          && table.start(i) - below > FAR_BYTES
          && namedBehind(i) - table.end(i) > FAR_BYTES) {
        canvas.decide(i, RegionKind.GO_HEAP);
      }
    }
  }

  private long namedBehind(int mapping) {
    MappingTable table = canvas.table();
    for (int i = mapping + 1; i < table.size(); i++) {
      if (!table.name(i).isEmpty()) {
        return table.start(i);
      }
    }
    return Long.MAX_VALUE;
  }

  /** First mapping behind a run of adjoining open ones; the same one where there is none. */
  private int run(int first) {
    int i = first;
    while (i < canvas.table().size()
        && canvas.isOpenAnonymous(i)
        && (i == first || canvas.adjoins(i - 1, i))) {
      i++;
    }
    return i;
  }

  /** Decides the heaps' address ranges, tails included. */
  private void decideHeaps(ArenaHeaps.Found found) {
    long maxBytes = 1L << found.maxBytesShift();
    for (long heap : found.heaps().keySet()) {
      canvas.decide(heap, heap + maxBytes, RegionKind.ARENA);
      int mapping = canvas.mappingAt(heap);
      if (mapping >= 0 && canvas.kind(mapping) == RegionKind.HUGETLB) {
        canvas.decide(mapping, RegionKind.ARENA);
      }
    }
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
