/**
 * Wiring, the loop, budgets, targets and commands: the only place with threads, clocks and exit.
 */
@NullMarked
package io.leakwatch.app;

import org.jspecify.annotations.NullMarked;
