/**
 * What a Go runtime holds, read from its own table of spans in a live process: no symbol, no debug
 * data, no endpoint. Several runtimes in one process are summed up.
 */
@NullMarked
package io.leakwatch.heap.golang;

import org.jspecify.annotations.NullMarked;
