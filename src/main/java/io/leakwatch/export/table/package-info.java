/**
 * Processes as rows on a terminal: order, columns, colours, the screen of {@code leakwatch top}.
 * All of it is a function of rows and of the terminal's size.
 */
@NullMarked
package io.leakwatch.export.table;

import org.jspecify.annotations.NullMarked;
