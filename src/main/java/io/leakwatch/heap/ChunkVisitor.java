package io.leakwatch.heap;

/**
 * Receives the chunks that a walk passes: heap by heap, in the order of their addresses, then those
 * that malloc got by mmap. A chunk that changed under the walk may be reported twice or not at all.
 */
public interface ChunkVisitor {
  /** Listens to nothing. */
  ChunkVisitor NONE = (address, bytes, inUse) -> {};

  /**
   * One chunk.
   *
   * @param address of its header; what the application sees begins 16 bytes behind
   * @param bytes its size, header included
   * @param inUse false when it is free; a chunk in a tcache looks in use here
   */
  void chunk(long address, long bytes, boolean inUse);

  /**
   * A chunk that was reported as in use and turned out to sit in a tcache; reported after all
   * others.
   */
  default void cached(long address, long bytes) {}
}
