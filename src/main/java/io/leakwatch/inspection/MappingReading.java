package io.leakwatch.inspection;

import io.leakwatch.proc.file.Outcome;

/**
 * What a reading of a process' mappings found, and what it cost.
 *
 * @param source the file or call that was read, as metrics name it
 * @param spentNanos time inside the kernel's readers
 * @param longestNanos the longest single read: the most that the process may have stalled
 * @param malformedLines lines that could not be understood
 * @param mappings how many there are where they are too many to be read, else -1
 * @param most what most of them are, {@code ""} where that does not matter or is unknown
 */
public record MappingReading<T>(
    Outcome<T> outcome,
    String source,
    long spentNanos,
    long longestNanos,
    long malformedLines,
    int mappings,
    String most) {}
