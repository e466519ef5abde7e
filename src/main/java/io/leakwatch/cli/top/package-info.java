/**
 * {@code leakwatch top}: the live view. Processes come from the agent on this node or, where none
 * answers, from samples taken by this process; {@code export.table} draws them.
 */
@NullMarked
package io.leakwatch.cli.top;

import org.jspecify.annotations.NullMarked;
