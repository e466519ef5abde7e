/**
 * What Erlang's BEAM holds, by its allocators: read from the carriers that they cut into blocks.
 */
@NullMarked
package io.leakwatch.heap.beam;

import org.jspecify.annotations.NullMarked;
