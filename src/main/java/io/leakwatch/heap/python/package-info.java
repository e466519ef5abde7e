/**
 * What CPython's object allocator holds, and of which types its objects are. Knows the process
 * through {@code heap.memory} alone.
 */
@NullMarked
package io.leakwatch.heap.python;

import org.jspecify.annotations.NullMarked;
