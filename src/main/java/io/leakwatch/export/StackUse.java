package io.leakwatch.export;

import java.util.List;

/**
 * The stacks that were mapped for threads and coroutines. Those on which no thread runs are kept by
 * somebody: glibc keeps some 40 MiB of ended threads' (nptl/allocatestack.c), brpc those of its
 * bthreads, suspended or done; a thread that ended and is never joined leaves its own.
 *
 * @param count of mapped ones
 * @param withoutThread those on which no thread runs
 * @param residentBytes of all
 * @param withoutThreadBytes resident of those without a thread
 * @param sizes the most frequent first, bounded
 */
public record StackUse(
    int count, int withoutThread, long residentBytes, long withoutThreadBytes, List<Size> sizes) {
  /** Where no stack is mapped. */
  public static final StackUse NONE = new StackUse(0, 0, 0, 0, List.of());

  public StackUse {
    sizes = List.copyOf(sizes);
  }

  /**
   * Stacks of one size.
   *
   * @param bytes of one, without its guard
   */
  public record Size(long bytes, int count, int withoutThread) {}
}
