package io.leakwatch.heap;

import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.region.kind.Allocator;

/**
 * Reads what one owner holds while the process runs on. Where its structures do not prove
 * themselves the report says so and has no figures. One object serves one thread.
 *
 * @param <R> what it tells
 */
public interface OwnerReader<R extends OwnerReport> {
  Allocator owner();

  /**
   * Reads.
   *
   * @param visitor receives each object; {@link ObjectVisitor#NONE} where only sums are wanted,
   *     which may cost less
   */
  Outcome<R> read(OwnerTarget target, ObjectVisitor visitor);
}
