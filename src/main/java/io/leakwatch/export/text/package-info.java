/** One process and its diagnosis in sentences, for a terminal and for the page of a ticket. */
@NullMarked
package io.leakwatch.export.text;

import org.jspecify.annotations.NullMarked;
