/**
 * What this program knows of itself and needs to start itself again: version, node, command line of
 * a child, and the failure that ends a command with one line.
 */
@NullMarked
package io.leakwatch.program;

import org.jspecify.annotations.NullMarked;
