package io.leakwatch.heap.holders;

import io.leakwatch.heap.ChunkVisitor;
import io.leakwatch.heap.HeapReport;
import io.leakwatch.proc.file.Outcome;

/** A walk over the heaps of the process that is searched. */
@FunctionalInterface
interface HeapWalk {
  Outcome<HeapReport> walk(ChunkVisitor visitor);
}
