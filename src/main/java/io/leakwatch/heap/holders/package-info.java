/**
 * Who holds some chunks: a variable, a thread, another kind of memory, or nobody. Suspects and a
 * walk come in, fractions and places come out; what the search could not see is said.
 */
@NullMarked
package io.leakwatch.heap.holders;

import org.jspecify.annotations.NullMarked;
