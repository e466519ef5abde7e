package io.leakwatch.heap;

import org.jspecify.annotations.Nullable;

/** Tells from the content of a chunk what kind of object it is. */
@FunctionalInterface
public interface ObjectNames {
  /** Knows nothing. */
  ObjectNames NONE = (address, bytes, words, count) -> null;

  /**
   * The type of the object in a chunk.
   *
   * @param address the first byte that the application uses
   * @param bytes that it can use
   * @param words its first words
   * @param count how many of them there are
   * @return null when it cannot be known
   */
  @Nullable String of(long address, long bytes, long[] words, int count);
}
