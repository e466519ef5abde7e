/**
 * The native edge: calls that Java has no words for (remote memory, page scans, sd_notify), by JNA.
 */
@NullMarked
package io.leakwatch.os;

import org.jspecify.annotations.NullMarked;
