package io.leakwatch.heap.holders;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Who refers to whom, as far as the passes have found out. */
final class HolderGraph {
  private final TreeMap<Long, HolderNode> nodes = new TreeMap<>();
  private final Set<Long> expandedSizes = new HashSet<>();

  /** Adds a suspect; of those that overlap only the first counts. */
  boolean addSuspect(SoughtMemory suspect) {
    if (suspect.bytes() <= 0 || suspect.address() <= 0 || suspect.group() < 0) {
      return false;
    }
    Map.Entry<Long, HolderNode> below = nodes.lowerEntry(suspect.address() + suspect.bytes());
    if (below != null && below.getValue().end() > suspect.address()) {
      return false;
    }
    nodes.put(
        suspect.address(),
        new HolderNode(suspect.address(), suspect.bytes(), suspect.object(), suspect.group()));
    return true;
  }

  /** The node of an object that holds something, made when it is new. */
  HolderNode object(long address, long bytes) {
    HolderNode known = nodes.get(address);
    if (known == null) {
      known = new HolderNode(address, bytes, true, HolderNode.NO_GROUP);
      nodes.put(address, known);
    }
    return known;
  }

  Collection<HolderNode> nodes() {
    return nodes.values();
  }

  /**
   * The nodes whose holders the next pass searches for, by address. A size is searched for in one
   * pass only: chunks that are found later and have a size of an earlier level are links between
   * objects of one kind, and following them would lead along a list, not up.
   */
  List<HolderNode> frontier() {
    List<HolderNode> next = new ArrayList<>();
    long end = 0;
    for (HolderNode node : nodes.values()) {
      boolean open = !node.expanded && !node.gone && node.address >= end;
      if (open && (node.isSuspect() || !expandedSizes.contains(node.bytes))) {
        next.add(node);
        end = node.end();
      }
    }
    return next;
  }

  /** Whether holders of chunks of a size have been searched for. */
  boolean isExpanded(long bytes) {
    return expandedSizes.contains(bytes);
  }

  /** Takes an even sample of the frontier; the rest of it is not searched for any more. */
  List<HolderNode> take(List<HolderNode> frontier, int max) {
    int count = Math.min(max, frontier.size());
    List<HolderNode> taken = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      taken.add(frontier.get((int) ((long) i * frontier.size() / count)));
    }
    taken.forEach(node -> expandedSizes.add(node.bytes));
    return taken;
  }

  /** Nodes from which a root can be reached, each with the next step on the shortest way there. */
  Map<HolderNode, Step> ways() {
    Map<HolderNode, Step> ways = new LinkedHashMap<>();
    ArrayDeque<HolderNode> queue = new ArrayDeque<>();
    for (HolderNode node : nodes.values()) {
      Root best = best(node);
      if (best != null && !node.gone) {
        ways.put(node, new Step(null, best));
        queue.add(node);
      }
    }
    while (!queue.isEmpty()) {
      HolderNode holder = queue.remove();
      for (HolderNode held : holder.held) {
        if (!ways.containsKey(held) && !held.gone) {
          ways.put(held, new Step(holder, null));
          queue.add(held);
        }
      }
    }
    return ways;
  }

  /** One step towards a root: a further holder, or the root itself. */
  record Step(@Nullable HolderNode holder, @Nullable Root root) {}

  private static @Nullable Root best(HolderNode node) {
    Root best = null;
    for (Set<Root> roots : List.of(node.roots, node.kindRoots)) {
      for (Root root : roots) {
        if (best == null || root.rank().compareTo(best.rank()) < 0) {
          best = root;
        }
      }
    }
    return best;
  }

  /** Nodes from which one can be reached that nobody has read. */
  Set<HolderNode> undecided() {
    List<HolderNode> open = new ArrayList<>();
    for (HolderNode node : nodes.values()) {
      if (!node.expanded && !node.kindClosed && !node.gone) {
        open.add(node);
      }
    }
    return heldBy(open);
  }

  /** Some nodes and all that they hold, directly or through others. */
  static Set<HolderNode> heldBy(Collection<HolderNode> holders) {
    Set<HolderNode> held = new LinkedHashSet<>();
    held.addAll(holders);
    ArrayDeque<HolderNode> queue = new ArrayDeque<>(holders);
    while (!queue.isEmpty()) {
      for (HolderNode node : queue.remove().held) {
        if (!node.gone && held.add(node)) {
          queue.add(node);
        }
      }
    }
    return held;
  }
}
