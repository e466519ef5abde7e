/**
 * Many samples in few bytes: columns of differences in blocks, and the consolidation of old ones.
 */
@NullMarked
package io.leakwatch.history.block;

import org.jspecify.annotations.NullMarked;
