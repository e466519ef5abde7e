/**
 * A target's memory as the readers of heaps see it: present pages only, in bounded windows, within
 * a number of bytes, at a pace.
 */
@NullMarked
package io.leakwatch.heap.memory;

import org.jspecify.annotations.NullMarked;
