package io.leakwatch.inspection;

import io.leakwatch.heap.OwnerReports;
import io.leakwatch.proc.file.Outcome;

/**
 * What came of a heap walk.
 *
 * @param outcome the reports, or why there are none
 * @param nanos when it ended, {@link io.leakwatch.time.Time#nanos}
 * @param spentNanos time inside the kernel's readers
 * @param longestNanos the longest single read
 */
public record HeapWalk(
    Outcome<OwnerReports> outcome, long nanos, long spentNanos, long longestNanos) {}
