/** Short series of numbers: their lowest values by stretches of time, and what is said of them. */
@NullMarked
package io.leakwatch.trend.statistics;

import org.jspecify.annotations.NullMarked;
