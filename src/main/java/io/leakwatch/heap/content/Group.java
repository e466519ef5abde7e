package io.leakwatch.heap.content;

import java.util.List;

/**
 * Equal things that grew between two readings.
 *
 * @param chunkBytes of one of them
 * @param module that the type belongs to, {@code ""} for none
 * @param samples masked
 * @param addresses of some of them
 */
public record Group(
    long chunkBytes,
    long countGrowth,
    long bytesGrowth,
    String type,
    String module,
    List<String> samples,
    List<Long> addresses) {}
