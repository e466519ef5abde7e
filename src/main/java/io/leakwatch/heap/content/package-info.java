/** What lies in a chunk or a page: its type, its text, its likeness to others. */
@NullMarked
package io.leakwatch.heap.content;

import org.jspecify.annotations.NullMarked;
