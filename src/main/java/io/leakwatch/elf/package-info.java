/**
 * ELF files of foreign programs: build id, segments, sections, symbols, relocations, and which
 * allocators are linked in. Every offset is checked, for the files are hostile; nothing is executed
 * or mapped.
 */
@NullMarked
package io.leakwatch.elf;

import org.jspecify.annotations.NullMarked;
