/** Who a process is: pid, start and image, names, options of its command line, container. */
@NullMarked
package io.leakwatch.proc.identity;

import org.jspecify.annotations.NullMarked;
