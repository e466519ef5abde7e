/** Samples over time: durable and bounded. */
@NullMarked
package io.leakwatch.history;

import org.jspecify.annotations.NullMarked;
