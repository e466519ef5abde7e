/**
 * What a HotSpot JVM (8 to 25) holds: its heap, its classes and its code, read from the tables by
 * which it describes itself to debuggers and from its performance counters. Nothing is attached to
 * it, and it does not stop.
 */
@NullMarked
package io.leakwatch.heap.hotspot;

import org.jspecify.annotations.NullMarked;
