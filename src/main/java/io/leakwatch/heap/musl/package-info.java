/** What musl's malloc (mallocng) holds, read from the descriptions of its groups. */
@NullMarked
package io.leakwatch.heap.musl;

import org.jspecify.annotations.NullMarked;
