/**
 * Addresses of a process turned into names, through the ELF files that are mapped there and their
 * separate debug files.
 */
@NullMarked
package io.leakwatch.symbols;

import org.jspecify.annotations.NullMarked;
