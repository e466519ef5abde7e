package io.leakwatch.heap.holders;

import io.leakwatch.heap.ObjectNames;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.kind.Allocator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Says in words and fractions what the graph of holders shows. */
final class HolderSummary {
  private static final int PARTS_MAX = 8;
  private static final int FIRST_WORDS = 16;
  private static final String NOT_FOLLOWED = " (not followed further)";

  private final HolderGraph graph;
  private final HeapMemory memory;
  private final RegionMap regions;
  private final ObjectNames names;
  private final int holdersMax;
  private final Map<HolderNode, HolderGraph.Step> ways;
  private final Set<HolderNode> undecided;

  HolderSummary(
      HolderGraph graph, HeapMemory memory, RegionMap regions, ObjectNames names, int holdersMax) {
    this.graph = graph;
    this.memory = memory;
    this.regions = regions;
    this.names = names;
    this.holdersMax = holdersMax;
    this.ways = graph.ways();
    this.undecided = graph.undecided();
  }

  /** How often each holder was seen; the last root's offset is named when it is always the same. */
  private static final class Tally {
    private int searched;
    private int gone;
    private int open;
    private final List<Long> lost = new ArrayList<>();
    private final Set<String> memory = new HashSet<>();
    private final Map<String, Integer> held = new LinkedHashMap<>();
    private final Map<String, Set<Long>> offsets = new LinkedHashMap<>();
  }

  HolderReport report(HolderReport.Search search, List<String> notes, List<String> details) {
    Map<Integer, Tally> tallies = new TreeMap<>();
    for (HolderNode node : graph.nodes()) {
      if (node.isSuspect() && (node.expanded || node.kindClosed)) {
        count(node, tallies.computeIfAbsent(node.group, group -> new Tally()));
      }
    }
    List<HolderReport.Group> groups = new ArrayList<>();
    tallies.forEach((group, tally) -> groups.add(group(group, tally)));
    return new HolderReport(List.copyOf(groups), search, notes, details);
  }

  private HolderReport.Group group(int group, Tally tally) {
    int living = tally.searched - tally.gone;
    List<HolderReport.Holder> holders = new ArrayList<>();
    tally.held.forEach(
        (where, times) ->
            holders.add(
                new HolderReport.Holder(
                    where + offset(tally.offsets.get(where)),
                    (double) times / living,
                    !tally.memory.contains(where))));
    holders.sort(
        Comparator.comparingDouble(HolderReport.Holder::fraction)
            .reversed()
            .thenComparing(HolderReport.Holder::where));
    return new HolderReport.Group(
        group,
        tally.searched,
        tally.gone,
        List.copyOf(tally.lost),
        living == 0 ? 0 : (double) tally.open / living,
        List.copyOf(holders.subList(0, Math.min(holders.size(), holdersMax))));
  }

  private static String offset(@Nullable Set<Long> offsets) {
    if (offsets == null || offsets.size() != 1) {
      return "";
    }
    long offset = offsets.iterator().next();
    return offset == 0 ? "" : " + " + offset;
  }

  private void count(HolderNode suspect, Tally tally) {
    tally.searched++;
    if (suspect.gone) {
      tally.gone++;
      return;
    }
    if (!ways.containsKey(suspect)) {
      if (undecided.contains(suspect)) {
        tally.open++;
        suspect.holders.stream()
            .filter(holder -> undecided.contains(holder) && holder.bytes != suspect.bytes)
            .map(holder -> name(holder) + NOT_FOLLOWED)
            .distinct()
            .forEach(where -> tally.held.merge(where, 1, Integer::sum));
      } else {
        tally.lost.add(suspect.address);
      }
      return;
    }
    Set<String> named = new HashSet<>();
    suspect.roots.forEach(root -> add(tally, named, List.of(), root));
    suspect.holders.stream()
        .filter(holder -> holder.bytes != suspect.bytes)
        .forEach(holder -> follow(suspect, holder, tally, named));
    if (named.isEmpty()) {
      suspect.kindRoots.forEach(root -> add(tally, named, List.of(), root));
      suspect.kindHolders.forEach(holder -> follow(suspect, holder, tally, named));
    }
    if (named.isEmpty()) {
      suspect.holders.forEach(holder -> follow(suspect, holder, tally, named));
    }
  }

  /** Tells the shortest way from a holder up. Links between chunks of one size are left out. */
  private void follow(HolderNode suspect, HolderNode holder, Tally tally, Set<String> named) {
    List<String> parts = new ArrayList<>();
    HolderNode below = suspect;
    HolderNode node = holder;
    HolderGraph.Step step = ways.get(node);
    while (step != null) {
      if (node.bytes != below.bytes && parts.size() < PARTS_MAX) {
        parts.add(name(node));
      }
      if (step.holder() == null) {
        if (step.root() != null) {
          add(tally, named, parts, step.root());
        }
        return;
      }
      below = node;
      node = step.holder();
      step = ways.get(node);
    }
  }

  private static void add(Tally tally, Set<String> named, List<String> parts, Root root) {
    List<String> all = new ArrayList<>(parts);
    all.add(root.name());
    String where = String.join(" held by ", all);
    if (parts.isEmpty() && root.rank() == Root.Rank.MEMORY) {
      tally.memory.add(where);
    }
    tally.offsets.computeIfAbsent(where, w -> new HashSet<>()).add(root.offset());
    if (named.add(where)) {
      tally.held.merge(where, 1, Integer::sum);
    }
  }

  /** E.g. {@code 64-byte chunk}, by what its owner counts. */
  private String untyped(HolderNode node) {
    int region = regions.indexOf(node.address);
    Allocator owner =
        region < 0
            ? Allocator.PTMALLOC
            : Allocator.ofKind(regions.kind(region)).orElse(Allocator.PTMALLOC);
    String thing = owner == Allocator.PTMALLOC ? "-byte chunk" : "-byte object";
    return owner.countedBytes(node.bytes) + thing;
  }

  private String name(HolderNode node) {
    String known = node.name;
    if (known == null) {
      long[] words = new long[FIRST_WORDS];
      int wanted = (int) Math.min(FIRST_WORDS, node.bytes / 8);
      int count = Math.max(0, memory.peek(node.address, words, wanted));
      String type = names.of(node.address, node.bytes, words, count);
      known = type != null ? type : untyped(node);
      node.name = known;
    }
    return known;
  }
}
