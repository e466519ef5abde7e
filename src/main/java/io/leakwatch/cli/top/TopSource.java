package io.leakwatch.cli.top;

import io.leakwatch.export.table.ProcessList;
import io.leakwatch.heap.HeapStrips;
import java.io.IOException;

/** Where the live view has its processes from. */
interface TopSource extends AutoCloseable {

  /** Who says so, for the person who watches. */
  String words();

  /**
   * All processes that are watched now. For one thread; returns in bounded time.
   *
   * @throws IOException with one line, when that is not known
   */
  ProcessList ask() throws IOException, InterruptedException;

  /**
   * The heaps of one process, none where they were not read. For the same thread.
   *
   * @throws IOException with one line, when that is not known
   */
  HeapStrips heaps(String process) throws IOException;

  @Override
  void close();
}
