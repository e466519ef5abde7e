/** How a process grows: pure mathematics over samples. */
@NullMarked
package io.leakwatch.trend;

import org.jspecify.annotations.NullMarked;
