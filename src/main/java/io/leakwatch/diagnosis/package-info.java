/**
 * Two exact samples of one process with a time between them, and everything that explains the
 * difference: what grew, what it consists of, who holds it. It runs in a child with a heap of its
 * own; what comes out is a {@link io.leakwatch.verdict.Diagnosis}.
 */
@NullMarked
package io.leakwatch.diagnosis;

import org.jspecify.annotations.NullMarked;
