package io.leakwatch.heap.holders;

import io.leakwatch.heap.ChunkVisitor;
import java.util.Arrays;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** Says of each place that refers to something who that is: a chunk in use, a root, or nobody. */
final class PlaceResolver {

  /**
   * Who a place belongs to.
   *
   * @param root memory that is there by itself; null for a chunk and for nobody
   * @param chunk address of the chunk in use, 0 for none
   */
  record Holder(@Nullable Root root, long chunk, long chunkBytes) {
    private static final Holder NOBODY = new Holder(null, 0, 0);

    boolean isChunk() {
      return chunk != 0;
    }
  }

  private final @Nullable Roots roots;
  private final Collection<HolderNode> nodes;
  private final ChunkPlaces places;
  private boolean hasArenas;

  /**
   * Prepares for a walk.
   *
   * @param roots null when there are no locations to tell
   * @param locations ascending
   * @param nodes whose chunks are read again
   */
  PlaceResolver(@Nullable Roots roots, long[] locations, Collection<HolderNode> nodes) {
    this.roots = roots;
    this.nodes = nodes;
    long[] all = Arrays.copyOf(locations, locations.length + nodes.size());
    int count = locations.length;
    for (HolderNode node : nodes) {
      all[count++] = node.address;
    }
    Arrays.sort(all);
    this.places = new ChunkPlaces(all);
  }

  /** The visitor to walk with; another one may listen too. */
  ChunkVisitor listening(ChunkVisitor further) {
    if (further == ChunkVisitor.NONE) {
      return places;
    }
    return new ChunkVisitor() {
      @Override
      public void chunk(long address, long bytes, boolean inUse) {
        places.chunk(address, bytes, inUse);
        further.chunk(address, bytes, inUse);
      }

      @Override
      public void cached(long address, long bytes) {
        places.cached(address, bytes);
        further.cached(address, bytes);
      }
    };
  }

  /** Ends the walk: chunks that are not what they were have been freed. */
  void finish(boolean found) {
    hasArenas = found;
    for (HolderNode node : nodes) {
      if (node.chunk && places.isKnown(node.address) && !isStillThere(node)) {
        node.gone = true;
      }
    }
  }

  private boolean isStillThere(HolderNode node) {
    return places.isInUse(node.address)
        && places.chunk(node.address) == node.address - ChunkPlaces.HEADER_BYTES;
  }

  Holder at(long location) {
    if (places.isKnown(location)) {
      return places.isInUse(location)
          ? new Holder(null, places.chunk(location), places.chunkBytes(location))
          : Holder.NOBODY;
    }
    Root root = roots == null ? Root.DEAD : roots.of(location, hasArenas);
    return root.rank() == Root.Rank.DEAD ? Holder.NOBODY : new Holder(root, 0, 0);
  }
}
