/** What a process says of its own work, and how much of its growth that explains. */
@NullMarked
package io.leakwatch.trend.load;

import org.jspecify.annotations.NullMarked;
