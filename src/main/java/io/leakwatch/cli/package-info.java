/**
 * The commands that need no room of their own, and what all commands share: the terminal, times on
 * a command line, the log, the end by an uncaught error. A command parses its options, asks the
 * rooms below and prints; it decides nothing about memory.
 */
@NullMarked
package io.leakwatch.cli;

import org.jspecify.annotations.NullMarked;
