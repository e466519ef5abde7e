package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.Variables;
import io.leakwatch.proc.memory.AddressRanges;
import org.jspecify.annotations.Nullable;

/**
 * Finds the root of jemalloc 5's tree of extents: an array among the variables of the library or of
 * the program that contains it, almost all of it zero. Any word there may be an entry, of any shape
 * of tree. Where what it points to is a leaf whose elements prove themselves ({@link ExtentTree}),
 * the root begins as far before the word as the address of the extents says. Nothing else is
 * needed: no symbol, no version, no offset of a counter.
 */
final class RootSearch {
  /** Words that are tried as entries of a root, for each shape. */
  private static final int TRIES_MAX = 5_000;

  /** Part of a root of two levels with pages of 4 KiB: 512 GiB of addresses. */
  private static final int GROUP_WORDS = 512;

  /** Entries where there is no memory any more. */
  private static final int SLACK_ENTRIES = 16;

  private static final int LONELY_WORDS = 512;
  private static final int LONELY_ENTRIES = 4;

  private final ByteBudget budget;
  private final Variables variables;
  private final AddressSpace space;
  private final AddressRanges anonymous;
  private final ExtentTree[] trees = new ExtentTree[TreeShape.ALL.size()];
  private final int[] triesLeft = new int[TreeShape.ALL.size()];
  private ExtentTree.@Nullable Root found;

  /**
   * A search.
   *
   * @param bytesMax of variables that are read
   */
  RootSearch(HeapMemory memory, ByteBudget budget, AddressSpace space, long bytesMax) {
    this.budget = budget;
    this.variables = new Variables(memory, budget, bytesMax);
    this.space = space;
    this.anonymous = space.anonymous();
    for (int i = 0; i < trees.length; i++) {
      trees[i] = new ExtentTree(memory, budget, space, TreeShape.ALL.get(i));
      triesLeft[i] = TRIES_MAX;
    }
  }

  int failure() {
    return variables.failure();
  }

  /** Searches the variables of all files but glibc's; null when there is no root. */
  ExtentTree.@Nullable Root find() {
    for (AddressSpace.DataSegment data : space.data()) {
      if (!data.libc() && found == null) {
        variables.search(data, 0, (at, words, count) -> isMissingIn(data, at, words, count));
      }
    }
    return found;
  }

  private boolean isMissingIn(AddressSpace.DataSegment data, long at, long[] words, int count) {
    for (int group = 0; group < count; group += GROUP_WORDS) {
      int end = Math.min(count, group + GROUP_WORDS);
      boolean sparse = isSparse(words, group, end);
      for (int i = group; i < end && found == null; i++) {
        if ((words[i] & 63) == 0 && anonymous.contains(words[i])) {
          boolean lonely = isLonely(words, i, count);
          found = rootBehind(words[i], at + i * 8L, sparse, lonely, data);
        }
      }
    }
    return found == null;
  }

  /** Whether a group of words has no more entries than a part of a root, unlike other tables. */
  private boolean isSparse(long[] words, int from, int end) {
    int entries = 0;
    for (int i = from; i < end; i++) {
      entries += words[i] == 0 ? 0 : 1;
    }
    return entries <= gigabytes() + SLACK_ENTRIES;
  }

  /** Whether hardly anything follows: a root of three levels is used near its start only. */
  private static boolean isLonely(long[] words, int at, int count) {
    int entries = 0;
    for (int i = at + 1; i < Math.min(count, at + LONELY_WORDS); i++) {
      entries += words[i] == 0 ? 0 : 1;
    }
    return entries <= LONELY_ENTRIES;
  }

  private long gigabytes() {
    long sum = 0;
    for (int i = 0; i < anonymous.count(); i++) {
      sum += ((anonymous.end(i) - 1) >>> 30) - (anonymous.start(i) >>> 30) + 1;
    }
    return Math.min(sum, GROUP_WORDS / 2);
  }

  private ExtentTree.@Nullable Root rootBehind(
      long word, long address, boolean sparse, boolean lonely, AddressSpace.DataSegment data) {
    for (int i = 0; i < trees.length; i++) {
      TreeShape shape = TreeShape.ALL.get(i);
      boolean fits = data.end() - data.start() >= shape.rootBytes();
      if (fits && (shape.hasMiddle() ? lonely : sparse)) {
        long root = rootBehind(word, address, i, data);
        if (root != 0) {
          return new ExtentTree.Root(shape, root, data);
        }
      }
    }
    return null;
  }

  /** Takes a word for an entry of the root, for each leaf's part where there is memory. */
  private long rootBehind(long word, long address, int tree, AddressSpace.DataSegment data) {
    TreeShape shape = TreeShape.ALL.get(tree);
    long nodeBytes = shape.hasMiddle() ? shape.middleBytes() : shape.leafBytes();
    if (anonymous.endOf(word) < word + nodeBytes) {
      return 0;
    }
    long last = -1;
    for (int i = 0; i < anonymous.count(); i++) {
      long end = (anonymous.end(i) - 1) >>> shape.leafShift();
      long start = Math.max(last + 1, anonymous.start(i) >>> shape.leafShift());
      for (long number = start; number <= end && triesLeft[tree] > 0; number++) {
        last = number;
        long root = address - 8 * shape.rootIndex(number);
        if (root >= data.start() && root + shape.rootBytes() <= data.end()) {
          triesLeft[tree]--;
          budget.spend(Long.BYTES);
          long leaf = shape.hasMiddle() ? trees[tree].leafIn(word, number) : word;
          if (leaf != 0 && trees[tree].isLeaf(leaf, number)) {
            return root;
          }
        }
      }
    }
    return 0;
  }
}
