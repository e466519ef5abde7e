/**
 * What lies in a chunk or a page: its type, its text, its likeness to others. Bytes and symbols
 * come in, names come out; text of the process leaves masked.
 */
@NullMarked
package io.leakwatch.heap.content;

import org.jspecify.annotations.NullMarked;
