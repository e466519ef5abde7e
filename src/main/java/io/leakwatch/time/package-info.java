/**
 * Time and threads as parameters. Whatever waits, measures or works beside the sampler is given a
 * {@link io.leakwatch.time.Time} and {@link io.leakwatch.time.Workers}; the entry points hand in
 * the system's, the simulation its own, in which a day passes in a second. Nobody else may ask the
 * system for the time or start a thread.
 */
@NullMarked
package io.leakwatch.time;

import org.jspecify.annotations.NullMarked;
