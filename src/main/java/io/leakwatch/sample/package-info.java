/**
 * What was seen of one process at one time: signals, figures of load, what changed beside them.
 * Observations are stored as they are; every judgement is derived from them again.
 */
@NullMarked
package io.leakwatch.sample;

import org.jspecify.annotations.NullMarked;
