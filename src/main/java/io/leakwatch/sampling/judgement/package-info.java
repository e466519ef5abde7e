/**
 * The verdict of each instance through the restarts of its process and of the agent: its detector,
 * its severity, what its siblings lived through.
 */
@NullMarked
package io.leakwatch.sampling.judgement;

import org.jspecify.annotations.NullMarked;
