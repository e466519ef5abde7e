package io.leakwatch.heap.holders;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A piece of memory in the graph of holders: a suspect, or an object that refers to one of them.
 */
final class HolderNode {
  private static final int EDGES_MAX = 32;
  static final int NO_GROUP = -1;

  /** First byte that the application uses. */
  final long address;

  /** Bytes that it can use. */
  final long bytes;

  final boolean object;
  final int group;

  /** Memory that is there by itself and points here. */
  final Set<Root> roots = new LinkedHashSet<>();

  /** Objects in use that point here. */
  final Set<HolderNode> holders = new LinkedHashSet<>();

  /** What refers to chunks of this one's kind from which this one can be reached. */
  final Set<Root> kindRoots = new LinkedHashSet<>();

  /** The same, chunks. */
  final Set<HolderNode> kindHolders = new LinkedHashSet<>();

  final List<HolderNode> held = new ArrayList<>();

  /** What it is called, once somebody asked. */
  @Nullable String name;

  /** Whether everything that points here was searched for. */
  boolean expanded;

  /** Whether the kind's chunks have been followed from one to the next, to the end. */
  boolean kindClosed;

  /** Freed since it was found. */
  boolean gone;

  HolderNode(long address, long bytes, boolean object, int group) {
    this.address = address;
    this.bytes = bytes;
    this.object = object;
    this.group = group;
  }

  void heldBy(Root root) {
    if (roots.size() < EDGES_MAX) {
      roots.add(root);
    }
  }

  void heldBy(HolderNode holder) {
    if (holder != this && holders.size() < EDGES_MAX && holders.add(holder)) {
      holder.held.add(this);
    }
  }

  void heldThroughKind(Root root) {
    if (kindRoots.size() < EDGES_MAX) {
      kindRoots.add(root);
    }
  }

  void heldThroughKind(HolderNode holder) {
    if (holder != this && kindHolders.size() < EDGES_MAX && kindHolders.add(holder)) {
      holder.held.add(this);
    }
  }

  long end() {
    return address + bytes;
  }

  boolean isSuspect() {
    return group != NO_GROUP;
  }
}
