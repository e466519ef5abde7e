/**
 * What a process uses of everything that can run out, and where that ends: resource limits, cgroups
 * of both versions, the node.
 */
@NullMarked
package io.leakwatch.proc.limits;

import org.jspecify.annotations.NullMarked;
