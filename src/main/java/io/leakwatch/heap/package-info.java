/** What is inside the allocator: arenas, heaps, chunks, read from outside. */
@NullMarked
package io.leakwatch.heap;

import org.jspecify.annotations.NullMarked;
