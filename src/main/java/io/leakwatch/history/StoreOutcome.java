package io.leakwatch.history;

import java.nio.file.Path;

/** What became of an attempt to write history. A watchdog goes on watching in every case. */
public sealed interface StoreOutcome {

  /**
   * Everything is in the file.
   *
   * @param samples how many were written, those that had been waiting included
   */
  record Stored(int samples) implements StoreOutcome {}

  /**
   * The file was damaged. It was renamed, and a new one holds what could still be written.
   *
   * @param setAside where the damaged file is now
   * @param damage what SQLite said
   */
  record SetAside(Path setAside, String damage, int samples) implements StoreOutcome {}

  /**
   * Nothing was written, and a later attempt would end alike.
   *
   * @param why one line for an operator
   */
  record TooLarge(String why) implements StoreOutcome {}

  /**
   * Nothing was written. The samples wait in memory, as many as the settings allow, for the next
   * attempt.
   *
   * @param why one line for an operator
   */
  record Failed(String why) implements StoreOutcome {}
}
