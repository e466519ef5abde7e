/**
 * Mangled names of C++ and Rust in the spelling of their languages, by recursive descent with a
 * bound on everything.
 */
@NullMarked
package io.leakwatch.symbols.mangling;

import org.jspecify.annotations.NullMarked;
