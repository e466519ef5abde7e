/** What mimalloc 2 holds, read from the segments of its heap in a live process. */
@NullMarked
package io.leakwatch.heap.mimalloc;

import org.jspecify.annotations.NullMarked;
