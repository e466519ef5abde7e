/**
 * What each mapping of a process is: the kinds of memory and the allocators at work. A mapping
 * table and a few words of memory come in, a {@link io.leakwatch.region.Classification} comes out;
 * it is pure but for those words.
 */
@NullMarked
package io.leakwatch.region;

import org.jspecify.annotations.NullMarked;
