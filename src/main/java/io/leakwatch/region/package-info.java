/** What each mapping of a process is: kinds of memory, allocators, ELF images. */
@NullMarked
package io.leakwatch.region;

import org.jspecify.annotations.NullMarked;
