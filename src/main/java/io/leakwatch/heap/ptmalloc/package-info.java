/**
 * glibc's malloc from outside: arenas are found without symbols, heaps and chunks walked while
 * their owner goes on allocating. What comes out is a {@link io.leakwatch.heap.HeapReport}. Field
 * offsets follow from the memory itself ({@link io.leakwatch.heap.ptmalloc.GlibcLayout}).
 */
@NullMarked
package io.leakwatch.heap.ptmalloc;

import org.jspecify.annotations.NullMarked;
