package io.leakwatch.history;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The tables of the history file.
 *
 * <p>{@code recent} takes one row per sample as it comes, so that a crash costs at most the last
 * round. Rows of a process are packed into one row of {@code block} when there are enough of them.
 *
 * <p>A table that an older program does not know is no new format: that program reads and writes
 * the file as before, and a file without the table gets it when it is opened for writing.
 */
final class HistorySchema {
  /** Changes when an older program could no longer read or write the file. */
  private static final int VERSION = 1;

  private static final List<String> TABLES =
      List.of(
          "CREATE TABLE IF NOT EXISTS process (id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL)",
          "CREATE TABLE IF NOT EXISTS signal (code INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL)",
          "CREATE TABLE IF NOT EXISTS recent (process INTEGER NOT NULL, time_ms INTEGER NOT NULL,"
              + " data BLOB NOT NULL, PRIMARY KEY (process, time_ms)) WITHOUT ROWID",
          "CREATE TABLE IF NOT EXISTS block (id INTEGER PRIMARY KEY, process INTEGER NOT NULL,"
              + " window_ms INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,"
              + " samples INTEGER NOT NULL, data BLOB NOT NULL)",
          "CREATE INDEX IF NOT EXISTS block_process ON block (process, from_ms)",
          "CREATE INDEX IF NOT EXISTS block_age ON block (to_ms)",
          "CREATE INDEX IF NOT EXISTS block_raw ON block (from_ms) WHERE window_ms = 0",
          "CREATE TABLE IF NOT EXISTS incident (id TEXT PRIMARY KEY, process TEXT NOT NULL,"
              + " time_ms INTEGER NOT NULL, weight REAL NOT NULL, json TEXT NOT NULL)",
          "CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, text TEXT NOT NULL)",
          ChangeTable.SQL);

  private HistorySchema() {}

  /**
   * Refuses a file of a newer format, before anything is read from it or written to it.
   *
   * @throws SQLException with one line that says what becomes of the file
   */
  static void check(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("PRAGMA user_version")) {
      int version = row.getInt(1);
      if (version > VERSION) {
        throw new SQLException(
            "written by a newer leakwatch (format "
                + version
                + ", this one reads "
                + VERSION
                + "): left as it is; install the newer one again, or let history.path name another"
                + " file");
      }
    }
  }

  static void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (String table : TABLES) {
        statement.executeUpdate(table);
      }
      statement.executeUpdate("PRAGMA user_version = " + VERSION);
    }
  }
}
