/**
 * Recorded series judged and alerted on as if they were live, and the report, the totals and the
 * picture of that.
 */
@NullMarked
package io.leakwatch.replay;

import org.jspecify.annotations.NullMarked;
