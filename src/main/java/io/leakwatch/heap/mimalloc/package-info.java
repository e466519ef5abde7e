/** What mimalloc 2 and 3 hold, read from their segments or map of pages in a live process. */
@NullMarked
package io.leakwatch.heap.mimalloc;

import org.jspecify.annotations.NullMarked;
