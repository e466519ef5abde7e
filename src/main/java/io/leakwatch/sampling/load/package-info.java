/** When the metrics endpoints of the targets are asked, and what came of it. */
@NullMarked
package io.leakwatch.sampling.load;

import org.jspecify.annotations.NullMarked;
