package io.leakwatch.heap;

/**
 * Objects in use of one size.
 *
 * @param chunkBytes of one of them as the owner counts it
 */
public record SizeClass(long chunkBytes, long count, long bytes) {}
