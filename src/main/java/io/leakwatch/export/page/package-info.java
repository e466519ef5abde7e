/**
 * The page: its files as they are packed into the jar, and under which rules a browser runs them.
 * What they show comes from the API alone.
 */
@NullMarked
package io.leakwatch.export.page;

import org.jspecify.annotations.NullMarked;
