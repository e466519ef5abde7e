package io.leakwatch.history;

import io.leakwatch.history.block.SampleBlock;
import io.leakwatch.sample.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.OptionalLong;

/**
 * Writes samples that somebody else has recorded into the history, in front of what is there.
 *
 * <p>The daemon may have the file open and go on writing. SQLite lets one write at a time and the
 * other wait for it, and all of an import is one transaction of less than a second; the daemon,
 * should that take longer than its patience, keeps its samples in memory until the next round.
 * Numbers of columns and processes that either is the first to give are found by the other in the
 * file.
 */
public final class HistoryImport implements AutoCloseable {
  private final HistorySettings settings;
  private final HistoryFile file;

  private HistoryImport(HistorySettings settings, HistoryFile file) {
    this.settings = settings;
    this.file = file;
  }

  /**
   * Opens the file, or makes it where there is none.
   *
   * @throws IOException with one line, also where the file is damaged: that is for the daemon,
   *     which sets it aside
   */
  public static HistoryImport open(HistorySettings settings) throws IOException {
    try {
      boolean check = Files.exists(settings.path());
      return new HistoryImport(settings, HistoryFile.open(settings, check));
    } catch (SQLException | IOException e) {
      throw failure(settings, e);
    }
  }

  /**
   * Stores the samples that are earlier than the first one that is kept of the process; all of them
   * or, where it fails, none.
   *
   * @param samples in rising order of time
   * @param nowSeconds seconds since 1970; nothing later is stored
   * @return how many were stored, the old ones consolidated
   * @throws IOException with one line
   */
  public long write(String process, Iterable<Sample> samples, double nowSeconds)
      throws IOException {
    long nowMillis = SampleBlock.toMillis(nowSeconds);
    try {
      OptionalLong first = file.samples().firstMillis(process);
      long beforeMillis = Math.min(first.orElse(nowMillis + 1), nowMillis + 1);
      return file.putEarlier(process, samples, beforeMillis, 0, nowMillis);
    } catch (SQLException e) {
      throw failure(settings, e);
    }
  }

  private static IOException failure(HistorySettings settings, Exception e) {
    String what = settings.path() + ": " + SqliteLibrary.message(e);
    if (!(e instanceof SQLException sql)) {
      return new IOException(what, e);
    }
    if (SqliteLibrary.isFull(sql)) {
      what =
          settings.path()
              + ": no room for these samples without losing older ones; raise history.max-bytes, or"
              + " import a shorter time";
    } else if (SqliteLibrary.isBusy(sql)) {
      what = settings.path() + ": is being written by another program; try again";
    } else if (SqliteLibrary.isDamage(sql)) {
      what += "; start the daemon, which sets a damaged file aside, and import then";
    }
    return new IOException(what, e);
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (SQLException e) {
      return; // Each write has ended before.
    }
  }
}
