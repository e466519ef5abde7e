/** What the kernel says about a process: /proc and cgroup text turned into values. */
@NullMarked
package io.leakwatch.proc;

import org.jspecify.annotations.NullMarked;
