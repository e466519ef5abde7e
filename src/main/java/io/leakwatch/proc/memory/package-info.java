/**
 * Mappings, page tables and memory of a process, read without touching a page that is not present.
 */
@NullMarked
package io.leakwatch.proc.memory;

import org.jspecify.annotations.NullMarked;
