package io.leakwatch.heap.content;

import io.leakwatch.proc.memory.AddressRanges;
import io.leakwatch.region.MemoryProbe;

/**
 * Recognises the nodes of linked containers by how they lie to their neighbours, in the layouts of
 * libstdc++ and libc++.
 *
 * <p>A tree's node has colour, parent, left and right, and its parent points back at it. A list's
 * node has next and previous, and those point back. A hash table's node points to the next one
 * only, and so does a simple list's: both have nodes of one size, which tells them from other
 * pointers; whether there is a table with buckets has to be found elsewhere ({@link HashTables}).
 */
final class NodeShapes {
  private static final long SIZE_BITS = ~7L;

  private final AddressRanges memory;
  private final MemoryProbe probe;
  private final long[] neighbour = new long[4];
  private final long[] header = new long[1];

  NodeShapes(AddressRanges memory, MemoryProbe probe) {
    this.memory = memory;
    this.probe = probe;
  }

  /** What a node belongs to, and where behind its links the payload begins. */
  enum Shape {
    TREE("std::map or std::set node", 4),
    LIST("std::list node", 2),
    CHAIN("node of a hash table or simple list", 1),
    NONE("", 0);

    private final String words;
    private final int payload;

    Shape(String words, int payload) {
      this.words = words;
      this.payload = payload;
    }

    String words() {
      return words;
    }

    /** Index of the first word behind the links. */
    int payload() {
      return payload;
    }
  }

  Shape of(Block block) {
    if (isTree(block)) {
      return Shape.TREE;
    }
    if (isList(block)) {
      return Shape.LIST;
    }
    return isChain(block) ? Shape.CHAIN : Shape.NONE;
  }

  private boolean isTree(Block block) {
    boolean links =
        block.count() >= 5
            && (block.word(0) & 0xfffffffeL) == 0
            && isPointer(block.word(1))
            && isPointerOrNull(block.word(2))
            && isPointerOrNull(block.word(3));
    if (!links || !probe.read(block.word(1), neighbour)) {
      return false;
    }
    return neighbour[1] == block.address()
        || neighbour[2] == block.address()
        || neighbour[3] == block.address();
  }

  private boolean isList(Block block) {
    if (block.count() < 3 || !isPointer(block.word(0)) || !isPointer(block.word(1))) {
      return false;
    }
    boolean next = probe.read(block.word(0), neighbour) && neighbour[1] == block.address();
    return next && probe.read(block.word(1), neighbour) && neighbour[0] == block.address();
  }

  private boolean isChain(Block block) {
    long next = block.word(0);
    return block.count() >= 2
        && block.usableBytes() > 0
        && next != block.address()
        && memory.contains(next)
        && (next & 15) == (block.address() & 15)
        && probe.read(next - 8, header)
        && (header[0] & SIZE_BITS) == block.usableBytes() + HashTables.CHUNK_SIZE_BYTES;
  }

  private boolean isPointer(long word) {
    return word > 4096 && (word & 7) == 0;
  }

  private boolean isPointerOrNull(long word) {
    return word == 0 || (isPointer(word) && memory.contains(word));
  }
}
