/**
 * The snapshot as Prometheus metric families, written one after the other, so that the series of
 * what vanished vanish with it.
 */
@NullMarked
package io.leakwatch.export.metrics;

import org.jspecify.annotations.NullMarked;
