package io.leakwatch.heap.holders;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.region.kind.RegionKind;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Says of each place that refers to something who that is: an object in use, a root, or nobody. */
final class PlaceResolver {

  /**
   * Who a place belongs to.
   *
   * @param root memory that is there by itself; null for an object and for nobody
   * @param object first byte of the object in use, 0 for none
   */
  record Holder(@Nullable Root root, long object, long objectBytes) {
    private static final Holder NOBODY = new Holder(null, 0, 0);

    boolean isObject() {
      return object != 0;
    }
  }

  private final @Nullable Roots roots;
  private final Collection<HolderNode> nodes;
  private final ObjectPlaces places;
  private Set<RegionKind> walked = Set.of();

  /**
   * Prepares for a walk.
   *
   * @param roots null when there are no locations to tell
   * @param locations ascending
   * @param nodes whose objects are looked at again
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
    this.places = new ObjectPlaces(all);
  }

  /** The visitor to walk with; another one may listen too. */
  ObjectVisitor listening(ObjectVisitor further) {
    if (further == ObjectVisitor.NONE) {
      return places;
    }
    return new ObjectVisitor() {
      @Override
      public void object(long address, long bytes, boolean inUse) {
        places.object(address, bytes, inUse);
        further.object(address, bytes, inUse);
      }

      @Override
      public void cached(long address, long bytes) {
        places.cached(address, bytes);
        further.cached(address, bytes);
      }
    };
  }

  /**
   * Ends the walk: objects that are not what they were have been freed.
   *
   * @param kinds of memory whose objects it told
   */
  void finish(Set<RegionKind> kinds) {
    walked = kinds;
    for (HolderNode node : nodes) {
      if (node.object && places.isKnown(node.address) && !isStillThere(node)) {
        node.gone = true;
      }
    }
  }

  private boolean isStillThere(HolderNode node) {
    return places.isInUse(node.address) && places.object(node.address) == node.address;
  }

  Holder at(long location) {
    if (places.isKnown(location)) {
      if (!places.isInUse(location)) {
        return Holder.NOBODY;
      }
      long object = places.object(location);
      Root itself = roots == null ? null : roots.ofObject(object);
      return itself == null
          ? new Holder(null, object, places.objectBytes(location))
          : new Holder(itself, 0, 0);
    }
    Root root = roots == null ? Root.DEAD : roots.of(location, walked);
    return root.rank() == Root.Rank.DEAD ? Holder.NOBODY : new Holder(root, 0, 0);
  }
}
