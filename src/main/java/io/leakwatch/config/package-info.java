/**
 * HOCON turned into each room's own settings. {@code reference.conf} has every default; a wrong
 * key, type or unit is one line with file and line. The settings are records of the rooms that use
 * them, so nothing but the commands and the agent depends on this one.
 */
@NullMarked
package io.leakwatch.config;

import org.jspecify.annotations.NullMarked;
