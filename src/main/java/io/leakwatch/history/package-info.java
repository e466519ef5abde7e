/**
 * Samples, changes and incidents in one bounded SQLite file. One thread writes it, others read
 * consistent states; old samples are consolidated, the oldest forgotten.
 */
@NullMarked
package io.leakwatch.history;

import org.jspecify.annotations.NullMarked;
