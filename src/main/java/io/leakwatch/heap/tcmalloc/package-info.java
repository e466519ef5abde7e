/** What gperftools' tcmalloc holds, read from its own map of pages in a live process. */
@NullMarked
package io.leakwatch.heap.tcmalloc;

import org.jspecify.annotations.NullMarked;
