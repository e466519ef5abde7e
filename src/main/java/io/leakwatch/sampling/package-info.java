/**
 * What is read when, within which budget, and the state of each watched process. {@link
 * io.leakwatch.sampling.SamplingLoop} is one round: find, read, record, judge, publish. Clock and
 * threads are handed in, so that a simulation runs the loop in virtual time.
 */
@NullMarked
package io.leakwatch.sampling;

import org.jspecify.annotations.NullMarked;
