/** HOCON turned into each stage's own settings. */
@NullMarked
package io.leakwatch.config;

import org.jspecify.annotations.NullMarked;
