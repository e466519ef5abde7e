/**
 * How things are written for who reads them: quantities, the same everywhere, and text that a
 * watched process or a peer has chosen, made harmless.
 */
@NullMarked
package io.leakwatch.text;

import org.jspecify.annotations.NullMarked;
