package io.leakwatch.cli.top;

import io.leakwatch.export.table.ProcessList;
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

  @Override
  void close();
}
