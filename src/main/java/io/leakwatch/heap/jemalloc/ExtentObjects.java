package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.ObjectVisitor;
import java.util.List;

/**
 * Shows what lies in jemalloc 5's extents, object by object, in address order: the regions of slabs
 * as their bitmaps say (a set bit is a free region), large allocations at their first byte, and as
 * free memory all that holds none, jemalloc's own blocks included. What refers to something from
 * there does not hold it.
 */
final class ExtentObjects implements ExtentTree.Receiver {
  private final ExtentTree tree;
  private final JemallocLayout layout;
  private final ObjectVisitor visitor;
  private final List<long[]> blocks;
  private final long[] bitmap = new long[JemallocLayout.REGIONS_MAX / Long.SIZE];
  private int nextBlock;

  ExtentObjects(
      ExtentTree tree, JemallocLayout layout, List<long[]> blocks, ObjectVisitor visitor) {
    this.tree = tree;
    this.layout = layout;
    this.blocks = blocks;
    this.visitor = visitor;
  }

  @Override
  public boolean extent(Extent extent) {
    if (!layout.fits(extent)) {
      return false;
    }
    blocksBefore(extent.start);
    if (layout.state(extent.bits) != JemallocLayout.ACTIVE) {
      visitor.object(extent.start, extent.bytes, false);
      return true;
    }
    return layout.isSlab(extent.bits) ? slab(extent) : large(extent);
  }

  /** Shows the blocks that lie behind all extents. */
  void finish() {
    blocksBefore(Long.MAX_VALUE);
  }

  private void blocksBefore(long address) {
    while (nextBlock < blocks.size() && blocks.get(nextBlock)[0] < address) {
      long[] block = blocks.get(nextBlock++);
      visitor.object(block[0], block[1] - block[0], false);
    }
  }

  private boolean large(Extent extent) {
    long usable = layout.usableBytes(extent);
    gap(extent.start, extent.first);
    visitor.object(extent.first, usable, true);
    gap(extent.first + usable, extent.end());
    return true;
  }

  private void gap(long start, long end) {
    if (end > start) {
      visitor.object(start, end - start, false);
    }
  }

  private boolean slab(Extent extent) {
    long start = extent.start;
    int regions = layout.regions(extent);
    long size = JemallocLayout.sizeOf(layout.sizeIndex(extent.bits));
    int words = (regions + Long.SIZE - 1) / Long.SIZE;
    if (!tree.read(extent.struct, JemallocLayout.BITMAP, bitmap, words)) {
      return false;
    }
    for (int i = 0; i < regions; i++) {
      visitor.object(start + i * size, size, (bitmap[i >>> 6] >>> i & 1) == 0);
    }
    return true;
  }
}
