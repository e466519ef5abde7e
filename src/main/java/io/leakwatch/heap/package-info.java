/**
 * What every owner of memory reports: allocator totals, a census of sizes, who is visited by a
 * walk. The rooms below read one owner each; {@code turnover}, {@code content} and {@code holders}
 * compare two walks, name what lies in the memory and search for references to it.
 */
@NullMarked
package io.leakwatch.heap;

import org.jspecify.annotations.NullMarked;
