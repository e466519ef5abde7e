package io.leakwatch.export;

import io.leakwatch.alert.Severity;
import io.leakwatch.diagnose.Verdict;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.region.Layout;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of one watched process at one time, ready to be shown.
 *
 * @param name configured instance name, unique on the node: the label {@code process}
 * @param exe path of the executable as the kernel knows it, {@code ""} when it may not be read
 * @param buildId GNU build id of the executable in hex, {@code ""} when unknown
 * @param up whether it was found and readable at the last attempt
 * @param problem why not, with the missing capability, {@code ""} when up
 * @param layout by kind, null before the first look
 * @param anonymousBytes anonymous + swap - lazily freed, {@code NaN} when unknown
 * @param heap the last heap walk, null when there was none
 * @param verdict null before the first judgement
 */
public record ProcessView(
    String name,
    int pid,
    String exe,
    String buildId,
    Instant startTime,
    boolean up,
    String problem,
    double residentBytes,
    double anonymousBytes,
    double swapBytes,
    double lazyFreeBytes,
    @Nullable Layout layout,
    @Nullable HeapReport heap,
    @Nullable Verdict verdict,
    Severity severity,
    @Nullable Instant sampledAt) {}
