/**
 * Which processes the configuration means, how their instances are called, and what changes about
 * them: build, arguments, configuration file, restart.
 */
@NullMarked
package io.leakwatch.target;

import org.jspecify.annotations.NullMarked;
