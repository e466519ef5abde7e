package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.heap.memory.Words;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads jemalloc 5: the tree of extents ({@link ExtentTree}) says of every run of pages whether it
 * is active, dirty, muzzy or retained, and of an active one what it holds and how many of its
 * regions are free. Summed up that is what {@code mallctl} tells as allocated, active, dirty, muzzy
 * and retained; it costs a few words per extent, not a reading of each allocation.
 *
 * <p>A first part of the tree tells the generation. Of the first slabs the bitmaps are counted,
 * too: the share of their free regions is the check against the count that the struct keeps.
 * Objects are shown by a second walk, and only where somebody listens.
 */
final class ExtentReading {
  /** Below it the structures were not understood. */
  private static final double COVERAGE_MIN = 0.5;

  /** Reads a tree of which pages are missing: those that were on the move are there again. */
  private static final int ATTEMPTS_MAX = 4;

  /** Extents that tell the generation. */
  private static final int VOTERS = 2048;

  /** Slabs of which the bitmap is counted. */
  private static final int CHECKED_MAX = 512;

  private final OwnerTarget target;
  private final HeapMemory memory;
  private final AddressSpace space;
  private final ByteBudget budget;
  private final WalkSettings settings;
  private final ExtentTree.Root root;
  private final String version;
  private final List<String> notes = new ArrayList<>();
  private final long[] bitmap = new long[JemallocLayout.REGIONS_MAX / Long.SIZE];

  ExtentReading(
      OwnerTarget target,
      AddressSpace space,
      ByteBudget budget,
      WalkSettings settings,
      ExtentTree.Root root,
      String version) {
    this.target = target;
    this.memory = target.memory();
    this.space = space;
    this.budget = budget;
    this.settings = settings;
    this.root = root;
    this.version = version;
  }

  /** One walk through the whole tree. */
  private static final class Walk {
    private final ExtentTree tree;
    private final JemallocTally tally;
    private final BaseBlocks blocks;
    private int checked;
    private long counted;
    private long packed;
    private boolean hasHugePages;

    private Walk(ExtentTree tree, JemallocTally tally, BaseBlocks blocks) {
      this.tree = tree;
      this.tally = tally;
      this.blocks = blocks;
    }
  }

  private ExtentTree tree() {
    return new ExtentTree(memory, budget, space, root.shape());
  }

  /** What is there, null where it was not understood. */
  @Nullable JemallocReport read(ObjectVisitor visitor) {
    JemallocLayout layout = layout();
    if (layout == null) {
      return null;
    }
    Walk walk = best(layout);
    if (walk.tree.coverage() < COVERAGE_MIN) {
      return null;
    }
    List<long[]> blocks = walk.blocks.find();
    blocks.forEach(block -> walk.tally.metadata(block[0], block[1]));
    CachedAllocations set = caches(layout, walk);
    if (visitor != ObjectVisitor.NONE) {
      ExtentTree tree = tree();
      ExtentObjects objects = new ExtentObjects(tree, layout, blocks, visitor);
      tree.walk(root.address(), Long.MAX_VALUE, objects);
      objects.finish();
      set.tell(visitor);
    }
    if (walk.hasHugePages) {
      notes.add("opt.hpa is on: free pages within huge pages are not told apart");
    }
    JemallocTally tally = walk.tally;
    JemallocReport.Holdings holdings = tally.holdings(target);
    double selfCheck = walk.packed == 0 ? Double.NaN : (double) walk.counted / walk.packed;
    return new JemallocReport(
        new Recognition(
            version.isEmpty() ? layout.versions() : version,
            walk.tree.confidence(),
            selfCheck,
            walk.tree.coverage(),
            notes),
        layout.versions(),
        tally.arenas(),
        JemallocReport.Others.NONE,
        holdings.with(
            AllocationStacks.profiles(
                target, root, tree(), layout, new Words(memory, budget), holdings)),
        tally.census(settings.censusSizesMax()),
        tally.slabFill());
  }

  /**
   * The generation in which most of the first extents hold something and none of their words
   * contradict each other. What holds nothing proves nothing: its state may be any bits.
   */
  private @Nullable JemallocLayout layout() {
    JemallocLayout best = null;
    double most = 0;
    for (JemallocLayout layout : JemallocLayout.values()) {
      ExtentTree tree = tree();
      long[] active = new long[1];
      tree.walk(
          root.address(),
          VOTERS,
          extent -> {
            boolean fits = layout.fits(extent);
            active[0] += fits && isActive(extent, layout) ? 1 : 0;
            return fits;
          });
      double votes = tree.confidence() > COVERAGE_MIN ? tree.confidence() * active[0] : 0;
      if (votes > most) {
        most = votes;
        best = layout;
      }
    }
    return best;
  }

  private Walk best(JemallocLayout layout) {
    Walk best = walk(layout);
    for (int i = 1; i < ATTEMPTS_MAX && best.tree.missesPages(); i++) {
      Walk again = walk(layout);
      best = again.tree.coverage() > best.tree.coverage() ? again : best;
    }
    return best;
  }

  private Walk walk(JemallocLayout layout) {
    Walk walk =
        new Walk(tree(), new JemallocTally(memory), new BaseBlocks(memory, space.anonymous()));
    walk.tree.walk(root.address(), Long.MAX_VALUE, extent -> take(extent, layout, walk));
    return walk;
  }

  private boolean take(Extent extent, JemallocLayout layout, Walk walk) {
    int state = layout.state(extent.bits);
    if (!layout.fits(extent)) {
      return false;
    }
    walk.blocks.note(extent.struct);
    if (state > JemallocLayout.RETAINED) {
      return true; // It is between two states.
    }
    int arena = layout.arena(extent.bits);
    walk.hasHugePages |= layout.isOfHugePage(extent.bits);
    if (state != JemallocLayout.ACTIVE) {
      walk.tally.free(arena, state, extent.start, extent.bytes);
    } else if (layout.isSlab(extent.bits)) {
      int used = layout.regions(extent) - layout.freeRegions(extent);
      if (walk.checked < CHECKED_MAX && !check(extent, layout, used, walk)) {
        return false;
      }
      long size = JemallocLayout.sizeOf(layout.sizeIndex(extent.bits));
      walk.tally.slab(arena, extent.start, extent.bytes, size, used);
    } else {
      long usable = layout.usableBytes(extent);
      walk.tally.large(arena, extent.start, extent.bytes, extent.first, usable);
    }
    return true;
  }

  /** Counts a slab's bitmap; false where it is not present. */
  private boolean check(Extent extent, JemallocLayout layout, int used, Walk walk) {
    int regions = layout.regions(extent);
    int words = (regions + Long.SIZE - 1) / Long.SIZE;
    if (!walk.tree.read(extent.struct, JemallocLayout.BITMAP, bitmap, words)) {
      return false;
    }
    int free = 0;
    for (int i = 0; i < words; i++) {
      int bits = Math.min(Long.SIZE, regions - i * Long.SIZE);
      free += Long.bitCount(bits == Long.SIZE ? bitmap[i] : bitmap[i] & (1L << bits) - 1);
    }
    walk.checked++;
    walk.counted += regions - free;
    walk.packed += used;
    return true;
  }

  /** What threads' caches hold, and where they keep it. */
  private CachedAllocations caches(JemallocLayout layout, Walk walk) {
    ExtentTree tree = tree();
    CachedAllocations set = new CachedAllocations(settings.listEntriesMax());
    CacheBins.Receiver receiver =
        new CacheBins.Receiver() {
          @Override
          public void cached(int bin, long address) {
            Extent extent = tree.find(root.address(), address);
            if (extent != null && isOfBin(extent, layout, bin, address)) {
              long size = sizeIn(extent, layout);
              if (set.add(address, size)) {
                walk.tally.cached(size);
              }
            }
          }

          @Override
          public void stack(long address) {
            Extent extent = tree.find(root.address(), address);
            if (extent != null && layout.fits(extent) && isActive(extent, layout)) {
              long size = sizeIn(extent, layout);
              boolean slab = layout.isSlab(extent.bits);
              long first = slab ? address - (address - extent.start) % size : extent.first;
              if (set.add(first, size)) {
                walk.tally.own(size);
              }
            }
          }
        };
    CacheBins bins = new CacheBins(memory, budget, space.anonymous(), layout, receiver);
    bins.search(target, space, settings.shapeScanBytesMax());
    if (bins.count() == 0) {
      notes.add("no thread's cache was found: allocations that they hold ready count as in use");
    } else if (set.isCut()) {
      notes.add("threads' caches hold more than was followed: the rest counts as in use");
    }
    return set;
  }

  private static boolean isActive(Extent extent, JemallocLayout layout) {
    return layout.state(extent.bits) == JemallocLayout.ACTIVE;
  }

  private static long sizeIn(Extent extent, JemallocLayout layout) {
    return layout.isSlab(extent.bits)
        ? JemallocLayout.sizeOf(layout.sizeIndex(extent.bits))
        : layout.usableBytes(extent);
  }

  private static boolean isOfBin(Extent extent, JemallocLayout layout, int bin, long address) {
    if (!layout.fits(extent) || !isActive(extent, layout) || layout.sizeIndex(extent.bits) != bin) {
      return false;
    }
    return layout.isSlab(extent.bits)
        ? (address - extent.start) % JemallocLayout.sizeOf(bin) == 0
        : address == extent.first;
  }
}
