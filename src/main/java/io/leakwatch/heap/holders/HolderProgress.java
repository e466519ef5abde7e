package io.leakwatch.heap.holders;

/** Receives how far a search for holders has come. */
@FunctionalInterface
public interface HolderProgress {
  /** For a search that nobody watches. */
  HolderProgress NONE = (pass, doneBytes, totalBytes) -> {};

  /**
   * A piece of memory was searched.
   *
   * @param pass counted from 1
   * @param doneBytes searched of this pass
   * @param totalBytes that this pass will search, an estimate
   */
  void searched(int pass, long doneBytes, long totalBytes);
}
