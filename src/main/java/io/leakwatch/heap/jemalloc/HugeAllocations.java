package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.proc.memory.AddressRanges;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the allocations of jemalloc 3.6 and 4 that are whole chunks. Release 3.6 keeps their nodes
 * in a red-black tree among its variables, which is known by its sentinel, a node that refers to
 * itself; release 4 in a ring that hangs on the arena. Other trees and rings look alike (chunks for
 * use again, spare nodes). What is wanted is the one whose sizes add up to a word that jemalloc
 * keeps near: its own count of huge bytes.
 */
final class HugeAllocations {
  private static final int NODES_MAX = 1 << 16;
  private static final int ARENA_WORDS = 2048;
  private static final int PIECE_WORDS = 1 << 13;

  /** Nodes of 3.6: links by size and by address, then what they describe. */
  private static final int LINK_BY_ADDRESS = 16;

  private static final int NODE_3 = 40;
  private static final int NODE_3_WORDS = 3;

  private final HeapMemory memory;
  private final AddressRanges anonymous;
  private final PageCache pages;
  private final ByteBudget budget;
  private final ChunkShape shape;
  private final long[] node = new long[16];

  HugeAllocations(HeapMemory memory, AddressRanges anonymous, ByteBudget budget, ChunkShape shape) {
    this.memory = memory;
    this.anonymous = anonymous;
    this.pages = new PageCache(memory, budget);
    this.budget = budget;
    this.shape = shape;
  }

  /**
   * One of them.
   *
   * @param node where its node lies
   */
  record Huge(long start, long bytes, long arena, long node) {}

  /** Those of release 3.6. */
  List<Huge> among(AddressSpace.DataSegment data) {
    long[] words = new long[(int) Math.min((data.end() - data.start()) >>> 3, 1 << 22)];
    Presence presence = new Presence(memory);
    long at = presence.nextPresent(data.start(), data.end());
    long[] piece = new long[PIECE_WORDS];
    while (at < data.end() && (at - data.start()) >>> 3 < words.length) {
      int from = (int) ((at - data.start()) >>> 3);
      int got = Math.max(0, memory.peek(at, piece, Math.min(PIECE_WORDS, words.length - from)));
      System.arraycopy(piece, 0, words, from, got);
      budget.spend(Math.max(8, got * 8L));
      at = presence.nextPresent(at + Math.max(got * 8L, memory.pageBytes()), data.end());
    }
    Set<Long> values = new HashSet<>();
    for (long word : words) {
      if (word > 0) {
        values.add(word);
      }
    }
    for (int i = 0; i + 5 < words.length; i++) {
      long sentinel = data.start() + 8L * (i + 1);
      boolean is = words[i + 3] == sentinel && (words[i + 4] & -2) == sentinel;
      if (is && words[i] != sentinel && anonymous.contains(words[i])) {
        List<Huge> tree = tree(words[i], sentinel);
        if (!tree.isEmpty() && values.contains(sum(tree))) {
          return tree;
        }
      }
    }
    return List.of();
  }

  private List<Huge> tree(long root, long sentinel) {
    List<Huge> found = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    Deque<Long> left = new ArrayDeque<>(List.of(root));
    while (!left.isEmpty() && seen.size() < NODES_MAX) {
      long at = left.pop();
      if (at == sentinel || !seen.add(at)) {
        continue;
      }
      if (!anonymous.contains(at) || !pages.words(at, node, 8)) {
        return List.of();
      }
      left.push(node[LINK_BY_ADDRESS / 8]);
      left.push(node[LINK_BY_ADDRESS / 8 + 1] & -2);
      int what = NODE_3 / 8;
      Huge huge = new Huge(node[what], node[what + 1], node[what + NODE_3_WORDS - 1], at);
      if (!fits(huge) || huge.bytes() % shape.chunkBytes() != 0) {
        return List.of();
      }
      found.add(huge);
    }
    return found;
  }

  private boolean fits(Huge huge) {
    return huge.start() > 0
        && huge.start() % shape.chunkBytes() == 0
        && huge.bytes() > 0
        && huge.bytes() % ChunkShape.PAGE_BYTES == 0
        && anonymous.covers(huge.start(), huge.start() + huge.bytes());
  }

  private static long sum(List<Huge> some) {
    return some.stream().mapToLong(Huge::bytes).sum();
  }

  /** Those of an arena of release 4. */
  List<Huge> of(long arena) {
    long[] words = new long[ARENA_WORDS];
    int got = Math.max(0, memory.peek(arena, words, ARENA_WORDS));
    budget.spend(Math.max(8, got * 8L));
    Set<Long> values = new HashSet<>();
    for (int i = 0; i < got; i++) {
      values.add(words[i]);
    }
    for (int i = 0; i < got; i++) {
      if ((words[i] & 63) == 0 && anonymous.contains(words[i])) {
        List<Huge> ring = ring(words[i], arena);
        if (!ring.isEmpty() && values.contains(sum(ring))) {
          return ring;
        }
      }
    }
    return List.of();
  }

  private List<Huge> ring(long first, long arena) {
    List<Huge> found = new ArrayList<>();
    int isChunk = shape.isChunk();
    int next = (isChunk & -8) / 8 + 6; // Behind the profile's word and two rings.
    long at = first;
    while (found.size() < NODES_MAX) {
      if (!anonymous.contains(at)
          || (at & 7) != 0
          || !pages.words(at, node, next + 1)
          || node[0] != arena
          || ((node[isChunk / 8] >>> (isChunk % 8 * 8)) & 0xff) != 0) {
        return List.of();
      }
      Huge huge = new Huge(node[1], node[2], arena, at);
      if (!fits(huge)) {
        return List.of();
      }
      found.add(huge);
      at = node[next];
      if (at == first) {
        return found;
      }
    }
    return List.of();
  }
}
