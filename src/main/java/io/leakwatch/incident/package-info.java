/**
 * The evidence of each alert, from its begin to its end: what is known at once, a diagnosis by a
 * child of the agent, and the index of both that the API shows.
 */
@NullMarked
package io.leakwatch.incident;

import org.jspecify.annotations.NullMarked;
