package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReader;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SizeClasses;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.region.kind.Allocator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Reads from outside what jemalloc 5 holds in a live process. It needs no symbols and no counters:
 * the tree of extents ({@link JemallocExtents}) says of every run of pages whether it is active,
 * dirty, muzzy or retained, and of an active one what it holds and how many of its regions are
 * free. Summed up that is what {@code mallctl} tells as allocated, active, dirty, muzzy and
 * retained; it costs a few words per extent, not a reading of each allocation.
 *
 * <p>The leaf's words repeat the size class and the slab flag of the struct they point to: that
 * tells the generations apart and a torn struct from a sound one. One object serves one thread.
 */
public final class JemallocReader implements OwnerReader<JemallocReport> {
  /** Below it the structures were not understood. */
  private static final double COVERAGE_MIN = 0.5;

  /** Reads a tree of which pages are missing: those that were on the move are there again. */
  private static final int ATTEMPTS_MAX = 4;

  private final WalkSettings settings;

  public JemallocReader(WalkSettings settings) {
    this.settings = settings;
  }

  /** Sums of one arena while they are made. */
  private static final class Sums {
    private long allocated;
    private long allocations;
    private final long[] byState = new long[4];
  }

  @Override
  public Allocator owner() {
    return Allocator.JEMALLOC;
  }

  @Override
  public Outcome<JemallocReport> read(OwnerTarget target, ObjectVisitor visitor) {
    HeapMemory memory = target.memory();
    AddressSpace space = target.space();
    ByteBudget budget = new ByteBudget(settings.bytesMax(), target.pace());
    JemallocExtents extents = new JemallocExtents(memory, budget, space);
    JemallocReport best = none();
    long root = extents.findRoot(settings.shapeScanBytesMax());
    if (root != 0) {
      boolean missesPages = true;
      for (int attempt = 0;
          attempt < ATTEMPTS_MAX && missesPages && best.coverage() < 1;
          attempt++) {
        missesPages = false;
        for (JemallocLayout layout : JemallocLayout.values()) {
          JemallocExtents tree = new JemallocExtents(memory, budget, space);
          JemallocReport report = read(tree, root, layout);
          missesPages |= tree.missesPages();
          if (report.coverage() > best.coverage()) {
            best = report;
          }
        }
      }
    }
    return switch (extents.failure()) {
      case HeapMemory.GONE -> Outcome.vanished();
      case HeapMemory.DENIED -> Outcome.denied("process_vm_readv", "CAP_SYS_PTRACE");
      default -> Outcome.sampled(best.coverage() >= COVERAGE_MIN ? best : none());
    };
  }

  private JemallocReport read(JemallocExtents extents, long root, JemallocLayout layout) {
    Map<Integer, Sums> arenas = new TreeMap<>();
    long[] counts = new long[JemallocLayout.SIZES];
    extents.walk(
        root,
        (entry, bits, bytes) -> {
          int state = layout.state(bits);
          if (state > JemallocLayout.RETAINED) {
            return true; // It is between two states.
          }
          long count = state == JemallocLayout.ACTIVE ? allocations(layout, entry, bits, bytes) : 0;
          if (count < 0) {
            return false;
          }
          Sums sums = arenas.computeIfAbsent(layout.arena(bits), i -> new Sums());
          sums.byState[state] += bytes;
          if (count > 0) {
            int sizeIndex = layout.sizeIndex(bits);
            sums.allocated += count * JemallocLayout.sizeOf(sizeIndex);
            sums.allocations += count;
            counts[sizeIndex] += count;
          }
          return true;
        });
    List<JemallocReport.Arena> found = new ArrayList<>();
    arenas.forEach((index, sums) -> found.add(arena(index, sums)));
    return new JemallocReport(
        layout.versions(),
        List.copyOf(found),
        extents.coverage(),
        census(counts),
        List.of("allocations that threads' caches hold ready count as allocated"));
  }

  /** What an active extent holds, negative when its words contradict each other. */
  private static long allocations(JemallocLayout layout, long entry, long bits, long bytes) {
    int sizeIndex = layout.sizeIndex(bits);
    boolean slab = layout.isSlab(bits);
    boolean agrees = sizeIndex == (int) (entry >>> 48) && slab == ((entry & 1) != 0);
    if (!agrees || sizeIndex >= JemallocLayout.SIZES) {
      return -1;
    }
    long size = JemallocLayout.sizeOf(sizeIndex);
    return size > bytes ? -1 : slab ? bytes / size - layout.freeRegions(bits) : 1;
  }

  private List<SizeClass> census(long[] counts) {
    return SizeClasses.of(
        IntStream.range(0, counts.length)
            .filter(index -> counts[index] > 0)
            .mapToObj(
                index -> {
                  long size = JemallocLayout.sizeOf(index);
                  return new SizeClass(size, counts[index], size * counts[index]);
                })
            .sorted(Comparator.comparingLong(SizeClass::bytes).reversed())
            .limit(settings.censusSizesMax())
            .toList());
  }

  private static JemallocReport.Arena arena(int index, Sums sums) {
    return new JemallocReport.Arena(
        index,
        sums.allocated,
        sums.allocations,
        sums.byState[JemallocLayout.ACTIVE],
        sums.byState[JemallocLayout.DIRTY],
        sums.byState[JemallocLayout.MUZZY],
        sums.byState[JemallocLayout.RETAINED]);
  }

  private static JemallocReport none() {
    return new JemallocReport(
        "", List.of(), 0, List.of(), List.of("jemalloc's structures were not found"));
  }
}
