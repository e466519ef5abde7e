/**
 * Cases of the field: what people's servers did, after their public reports, as tests. Each says
 * above it what is right; figures are invented, only the behaviour follows the reports. Replayed
 * series, whole smaps files, live programs at a fast pace, and places that refuse something. A
 * {@code /proc} mounted with {@code hidepid} or {@code subset=pid} is tested by {@link
 * io.leakwatch.ProcMountTest}, the package where nothing may be executed by {@link
 * io.leakwatch.NoexecTest}.
 */
@NullMarked
package io.leakwatch.field;

import org.jspecify.annotations.NullMarked;
