/**
 * Why a process grows and how bad that is: the {@link io.leakwatch.verdict.Verdict} with its
 * reasons. Samples, trend and load come in from a live process or a recorded series alike; the
 * onset is dated and put beside what changed then. Pure: no threads, no clock, no files.
 */
@NullMarked
package io.leakwatch.verdict;

import org.jspecify.annotations.NullMarked;
