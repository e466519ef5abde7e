package io.leakwatch.heap.holders;

/**
 * Memory of a process of which somebody wants to know who holds it.
 *
 * @param address the first byte that the application uses
 * @param bytes that it can use
 * @param object whether it is one that a walk over its owner's memory tells of, so that it can be
 *     seen to be freed meanwhile
 * @param group the caller's own number of what it was found with; figures are reported by group
 */
public record SoughtMemory(long address, long bytes, boolean object, int group) {}
