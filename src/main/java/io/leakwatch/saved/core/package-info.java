/**
 * A core file as a process: {@link io.leakwatch.saved.core.CoreProcess} answers what a process that
 * runs would answer, from what the kernel or gcore has written of it. A file comes in that may be
 * cut off, foreign or hostile; readings of a process go out, and sentences about what is missing.
 * The commands open one, everybody else sees a process.
 */
@NullMarked
package io.leakwatch.saved.core;

import org.jspecify.annotations.NullMarked;
