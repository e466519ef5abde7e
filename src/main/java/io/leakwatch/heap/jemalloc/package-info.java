/**
 * What jemalloc 3.6 to 5.3 holds, read from its own tree of extents, or from its chunks, in a live
 * process; and by the call stack that allocated where it samples.
 */
@NullMarked
package io.leakwatch.heap.jemalloc;

import org.jspecify.annotations.NullMarked;
