/** Files of /proc and of cgroups as texts and figures, and what an error of the kernel means. */
@NullMarked
package io.leakwatch.proc.file;

import org.jspecify.annotations.NullMarked;
