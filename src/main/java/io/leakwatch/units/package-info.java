/** How quantities are written: sizes, rates, times, shares and counts, the same wherever. */
@NullMarked
package io.leakwatch.units;

import org.jspecify.annotations.NullMarked;
