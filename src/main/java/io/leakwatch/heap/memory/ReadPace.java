package io.leakwatch.heap.memory;

/**
 * Receives every read of the target's memory that a walk made, before the next one: the owner of
 * the walk counts there and, to keep to so many bytes a second, waits there.
 */
@FunctionalInterface
public interface ReadPace {
  /** For a walk at full speed. */
  ReadPace UNPACED = bytes -> {};

  /** Takes the size of the read that just came back. */
  void read(long bytes);
}
