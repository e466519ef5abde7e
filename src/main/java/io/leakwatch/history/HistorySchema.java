package io.leakwatch.history;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tables of the history file, and the numbers that stand for signals in it.
 *
 * <p>{@code recent} takes one row per sample as it comes, so that a crash costs at most the last
 * round. Rows of a process are packed into one row of {@code block} when there are enough of them.
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
          "CREATE TABLE IF NOT EXISTS note (name TEXT PRIMARY KEY, text TEXT NOT NULL)");

  private HistorySchema() {}

  static void create(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      int version;
      try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
        version = row.getInt(1);
      }
      if (version > VERSION) {
        throw new SQLException("written by a newer leakwatch (format " + version + ")");
      }
      for (String table : TABLES) {
        statement.executeUpdate(table);
      }
      statement.executeUpdate("PRAGMA user_version = " + VERSION);
    }
  }

  /** The number of each signal by its ordinal; a signal that is new to the file gets one. */
  static int[] codes(Connection connection) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT OR IGNORE INTO signal (name) VALUES (?)")) {
      for (Signal signal : Signal.values()) {
        insert.setString(1, signal.column());
        insert.executeUpdate();
      }
    }
    List<@Nullable Signal> signals = signals(connection);
    int[] codes = new int[Signal.values().length];
    for (Signal signal : Signal.values()) {
      codes[signal.ordinal()] = signals.indexOf(signal);
    }
    return codes;
  }

  /** The signal for each number, {@code null} where this program knows none of that name. */
  static List<@Nullable Signal> signals(Connection connection) throws SQLException {
    Map<String, Signal> byColumn = new HashMap<>();
    for (Signal signal : Signal.values()) {
      byColumn.put(signal.column(), signal);
    }
    List<@Nullable Signal> signals = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT code, name FROM signal WHERE code BETWEEN 0 AND 999 ORDER BY code")) {
      while (rows.next()) {
        while (signals.size() < rows.getInt(1)) {
          signals.add(null);
        }
        signals.add(byColumn.get(rows.getString(2)));
      }
    }
    return signals;
  }
}
