/**
 * {@code leakwatch history} and {@code history import}: samples out of the history file, and
 * samples of others into it, in front of what is recorded.
 */
@NullMarked
package io.leakwatch.cli.history;

import org.jspecify.annotations.NullMarked;
