package io.leakwatch.heap.golang;

/**
 * Goroutines that were made by one statement, and do the same.
 *
 * @param createdAt the function that the {@code go} statement stands in
 * @param runs the function that they run
 * @param state e.g. {@code waiting}, {@code runnable}
 * @param waitReason what they wait for, e.g. {@code chan receive}; {@code ""} where they do not, or
 *     it is not known
 * @param count how many
 * @param stackBytes of all of them
 */
public record GoroutineGroup(
    String createdAt, String runs, String state, String waitReason, long count, long stackBytes) {}
