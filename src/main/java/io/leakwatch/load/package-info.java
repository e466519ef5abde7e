/** What a process says of its own work: the answers of metrics endpoints, read as figures. */
@NullMarked
package io.leakwatch.load;

import org.jspecify.annotations.NullMarked;
