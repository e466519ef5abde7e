/** Why a process grows and how bad that is: the verdict with its reasons. */
@NullMarked
package io.leakwatch.diagnose;

import org.jspecify.annotations.NullMarked;
