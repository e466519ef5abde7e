/**
 * {@code leakwatch check}: what will and will not work here, and why. It asks the configuration,
 * the permissions, the targets and the endpoints, and prints one line for each.
 */
@NullMarked
package io.leakwatch.cli.check;

import org.jspecify.annotations.NullMarked;
