/** What jemalloc 5 holds, read from its own tree of extents in a live process. */
@NullMarked
package io.leakwatch.heap.jemalloc;

import org.jspecify.annotations.NullMarked;
