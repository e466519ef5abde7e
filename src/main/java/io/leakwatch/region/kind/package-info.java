/**
 * The words for what memory is: its kinds, and the allocators that own them. Words of the contract,
 * without a reading of any process, so every room that speaks of memory may import them.
 */
@NullMarked
package io.leakwatch.region.kind;

import org.jspecify.annotations.NullMarked;
