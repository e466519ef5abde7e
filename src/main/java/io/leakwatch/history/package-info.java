/** Samples over time, and what changed beside them: durable and bounded. */
@NullMarked
package io.leakwatch.history;

import org.jspecify.annotations.NullMarked;
