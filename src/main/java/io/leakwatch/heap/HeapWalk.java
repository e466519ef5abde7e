package io.leakwatch.heap;

import io.leakwatch.proc.Outcome;

/** A walk over the heaps of the process that is searched. */
@FunctionalInterface
interface HeapWalk {
  Outcome<HeapReport> walk(ChunkVisitor visitor);
}
