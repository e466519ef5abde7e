/** Severity over time, and the sinks that are told of it. */
@NullMarked
package io.leakwatch.alert;

import org.jspecify.annotations.NullMarked;
