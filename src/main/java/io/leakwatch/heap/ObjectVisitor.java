package io.leakwatch.heap;

/**
 * Receives the objects that a walk through an owner's memory passes: what the application asked
 * for, and what it has freed as far as the owner keeps it apart. One that changed under the walk
 * may be reported twice or not at all.
 */
public interface ObjectVisitor {
  /** Listens to nothing. */
  ObjectVisitor NONE = (address, bytes, inUse) -> {};

  /**
   * One object. Those of one mapping come in the order of their addresses.
   *
   * @param address the first byte that the application uses
   * @param bytes that are the object's alone; see {@code Allocator.countedBytes}
   * @param inUse false when it is free; one in a thread's cache may look in use here
   */
  void object(long address, long bytes, boolean inUse);

  /**
   * One that was reported as in use and turned out to sit in a cache; reported after all others.
   */
  default void cached(long address, long bytes) {}
}
