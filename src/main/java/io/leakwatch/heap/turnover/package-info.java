/** What came and went between two walks: chunks by size, pages by kind of memory. */
@NullMarked
package io.leakwatch.heap.turnover;

import org.jspecify.annotations.NullMarked;
