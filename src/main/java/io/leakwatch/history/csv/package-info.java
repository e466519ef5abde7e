/** Recorded series as comma-separated values, in both directions. */
@NullMarked
package io.leakwatch.history.csv;

import org.jspecify.annotations.NullMarked;
