package io.leakwatch.heap.holders;

import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.proc.memory.AddressList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who holds chunks that refer to each other. A node of a list is held by its neighbours, those by
 * theirs, and only one of a million by the list's owner; a sample of nodes will not meet that one.
 * And nodes of a list that nobody owns any more look just the same.
 *
 * <p>So all chunks of the sizes in question are taken together ({@link KindMap}). One scan finds
 * the words outside of them that point into them; from those, links are followed from chunk to
 * chunk as a garbage collector marks. What is reached is held by the one whose word it started
 * from; what never is reached is held by nobody.
 *
 * <p>Variables are followed first, and what they reach is done with. Chunks of one size are
 * followed together, each with its own share, and independently of those of other sizes, because a
 * holder may itself turn out to be lost. Work is bounded; where a bound was met, what was not
 * reached remains undecided.
 *
 * <p>A list grows at its head while it is searched: the variable already refers to a node that the
 * map does not know, and only newer nodes lead to those it knows. So the scan also keeps what
 * points near the chunks from outside of their memory, or beyond all of them, and the walk after it
 * adds the chunks of the meantime to the map. What even then is held by a newer chunk alone remains
 * undecided.
 */
final class KindSearch {
  private static final int ENTRIES_MAX = 1 << 18;
  private static final int NEWER_MAX = 1 << 16;
  private static final long NEARBY_BYTES = 1L << 30;
  private static final int HOLDERS_MAX = 1024;
  private static final int SIZES_MAX = 256;
  private static final int PAGE_BYTES = 4096;

  private static final int STACK_MAX = 1 << 21;
  private static final int PIECE_WORDS = 512;
  private static final long NODE_WORDS_MAX = 1 << 16;
  private static final long ADDRESS_BITS = (1L << 48) - 1;

  private final KindMap map;
  private final ByteBudget budget;
  private final PageCache pages;
  private final long[] words = new long[PIECE_WORDS];
  private final AddressList locations = new AddressList(256);
  private final AddressList targets = new AddressList(256);
  private int newer;
  private final AddressList stack = new AddressList(256);
  private boolean cut;

  KindSearch(KindMap map, HeapMemory memory, HolderSettings settings, ReadPace pace) {
    this.map = map;
    this.budget = new ByteBudget((long) settings.kindPagesMax() * PAGE_BYTES, pace);
    this.pages = new PageCache(memory, budget);
  }

  /** Whether a bound was met: then what is not reached may be held all the same. */
  boolean isCut() {
    return cut;
  }

  /** Takes a piece of memory and keeps what points into the chunks from outside. */
  void scan(long address, long[] piece, int words) {
    for (int i = 0; i < words; i++) {
      long word = piece[i] & ADDRESS_BITS;
      if (map.isInside(word)) {
        long location = address + 8L * i;
        if (!map.holds(location) && (word == piece[i] || map.startOf(word) == word)) {
          if (locations.count() - newer == ENTRIES_MAX) {
            cut = true;
          } else {
            add(location, word);
          }
        }
      } else if (newer < NEWER_MAX && mayBeNewer(piece[i], address + 8L * i)) {
        newer++;
        add(address + 8L * i, word);
      }
    }
  }

  private boolean mayBeNewer(long word, long location) {
    return (word & map.alignment() - 1) == 0
        && map.isNear(word, NEARBY_BYTES)
        && (!map.isNear(location, 0) || !map.isNear(word, 0));
  }

  private void add(long location, long target) {
    locations.add(location);
    targets.add(target);
  }

  /** Where the words lie, ascending. */
  long[] sortedLocations() {
    return locations.sorted();
  }

  /** Somebody outside and what he refers to. */
  private static final class Entry {
    private final @Nullable Root root;
    private final @Nullable HolderNode holder;
    private final AddressList targets = new AddressList(4);

    private Entry(@Nullable Root root, @Nullable HolderNode holder) {
      this.root = root;
      this.holder = holder;
    }

    private void holds(HolderNode node) {
      if (root != null) {
        node.heldThroughKind(root);
      } else if (holder != null) {
        node.heldThroughKind(holder);
      }
    }
  }

  /**
   * Follows the links.
   *
   * @param members the nodes of the graph that are among the chunks
   */
  void follow(PlaceResolver resolver, HolderGraph graph, List<HolderNode> members) {
    Map<Root, Entry> roots = new LinkedHashMap<>();
    Map<Long, Map<Long, Entry>> chunks = new TreeMap<>();
    int holders = 0;
    Entry unknown = null;
    for (int i = 0; i < locations.count(); i++) {
      long target = targets.get(i);
      if (map.startOf(target) == 0) {
        continue;
      }
      PlaceResolver.Holder holder = resolver.at(locations.get(i));
      if (holder.root() != null) {
        roots.computeIfAbsent(holder.root(), root -> new Entry(root, null)).targets.add(target);
      } else if (holder.isObject() && !map.hasSize(holder.objectBytes())) {
        Map<Long, Entry> ofSize =
            chunks.computeIfAbsent(holder.objectBytes(), size -> new LinkedHashMap<>());
        Entry entry = ofSize.get(holder.object());
        if (entry == null && holders++ < HOLDERS_MAX) {
          entry = new Entry(null, graph.object(holder.object(), holder.objectBytes()));
          ofSize.put(holder.object(), entry);
        }
        if (entry == null) {
          cut = true;
        } else {
          entry.targets.add(target);
        }
      } else if (holder.isObject()) {
        if (unknown == null) {
          unknown = new Entry(null, graph.object(holder.object(), holder.objectBytes()));
        }
        unknown.targets.add(target);
      }
    }
    List<Entry> first = ofRank(roots.values(), true);
    followEach(first, members);
    map.removeMarked();
    cut |= chunks.size() > SIZES_MAX;
    for (Map<Long, Entry> ofSize : chunks.values().stream().limit(SIZES_MAX).toList()) {
      followEach(ofSize.values(), members);
      map.clearMarks();
    }
    if (unknown != null) {
      followEach(List.of(unknown), members);
      map.clearMarks();
    }
    followEach(ofRank(roots.values(), false), members);
    for (HolderNode member : members) {
      member.kindClosed = !cut && (unknown == null || member != unknown.holder);
    }
  }

  private static List<Entry> ofRank(Collection<Entry> roots, boolean own) {
    List<Entry> some = new ArrayList<>();
    for (Entry entry : roots) {
      Root root = entry.root;
      if (root != null && own == root.rank().compareTo(Root.Rank.MEMORY) < 0) {
        some.add(entry);
      }
    }
    some.sort(
        Comparator.comparing(entry -> entry.root == null ? Root.Rank.DEAD : entry.root.rank()));
    return some;
  }

  private void followEach(Collection<Entry> entries, List<HolderNode> members) {
    Set<HolderNode> reached = new HashSet<>();
    for (Entry entry : entries) {
      for (int i = 0; i < entry.targets.count(); i++) {
        visit(entry.targets.get(i));
      }
      drain();
      for (HolderNode node : members) {
        if (map.isMarked(node.address) && reached.add(node)) {
          entry.holds(node);
        }
      }
    }
  }

  private void visit(long address) {
    long start = map.startOf(address);
    if (start == 0 || !map.mark(start)) {
      return;
    }
    if (stack.count() == STACK_MAX) {
      cut = true;
    } else {
      stack.add(start);
    }
  }

  private void drain() {
    while (stack.count() > 0) {
      long start = stack.removeLast();
      if (budget.isExhausted()) {
        cut = true;
        stack.clear();
        return;
      }
      long left = map.wordsOf(start, NODE_WORDS_MAX);
      for (long at = start; left > 0; at += 8L * PIECE_WORDS) {
        int wanted = (int) Math.min(left, PIECE_WORDS);
        left -= wanted;
        if (pages.words(at, words, wanted)) {
          for (int i = 0; i < wanted; i++) {
            long word = words[i] & ADDRESS_BITS;
            if (map.isInside(word)) {
              visit(word);
            }
          }
        }
      }
    }
  }
}
