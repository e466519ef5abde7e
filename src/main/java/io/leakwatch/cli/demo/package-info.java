/**
 * {@code leakwatch demo}: a child that really leaks, and a configuration in which a second stands
 * for hours. The pipeline that watches it is the daemon's own.
 */
@NullMarked
package io.leakwatch.cli.demo;

import org.jspecify.annotations.NullMarked;
