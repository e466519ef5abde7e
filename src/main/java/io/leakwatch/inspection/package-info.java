/**
 * One exact sample of one process: mappings by kind, and what its allocators hold. The daemon,
 * {@code inspect} and {@code diagnose} read processes through this room alone, with the same
 * pauses.
 */
@NullMarked
package io.leakwatch.inspection;

import org.jspecify.annotations.NullMarked;
