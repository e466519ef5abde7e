/**
 * The native edge: calls that Java has no words for (remote memory, page scans, sd_notify, files
 * below a foreign root), by JNA. Errors come out as errno or as one sentence.
 */
@NullMarked
package io.leakwatch.os;

import org.jspecify.annotations.NullMarked;
