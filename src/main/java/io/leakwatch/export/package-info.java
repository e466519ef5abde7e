/**
 * The state of the agent as everybody sees it: an immutable {@link io.leakwatch.export.Snapshot} of
 * {@link io.leakwatch.export.ProcessView}s and incidents. The sampler publishes it; the rooms below
 * this one show it and never cause a sample.
 */
@NullMarked
package io.leakwatch.export;

import org.jspecify.annotations.NullMarked;
