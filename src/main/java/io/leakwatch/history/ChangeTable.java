package io.leakwatch.history;

import io.leakwatch.history.block.SampleBlock;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.Change.Kind;
import io.leakwatch.sample.ObservedChange;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Changes of processes in the history file: what became of build, command line, configuration and
 * incarnation, and when. The newest row of each kind is the state that still holds, however old it
 * is, so age alone takes no row away. Bounded are the rows of one process and kind, and the bytes
 * of all rows together; rows that are followed by a newer one of their kind go first.
 */
final class ChangeTable {
  static final String SQL =
      "CREATE TABLE IF NOT EXISTS change (process TEXT NOT NULL, kind TEXT NOT NULL,"
          + " time_ms INTEGER NOT NULL, what TEXT NOT NULL, was TEXT, state TEXT NOT NULL,"
          + " PRIMARY KEY (process, kind, time_ms)) WITHOUT ROWID";

  /** As many as are kept in memory. */
  static final int PER_KIND_MAX = 6;

  /** The table's part of the file; it is 3 MiB of the default, for some thousand rows. */
  private static final long SHARE_OF_FILE = 64;

  /** What a row takes beside its texts, about. */
  private static final int ROW_BYTES = 64;

  private static final Map<String, Kind> KINDS =
      Arrays.stream(Kind.values()).collect(Collectors.toMap(Kind::wireName, Function.identity()));

  private ChangeTable() {}

  static void put(
      Connection connection, Collection<ObservedChange> changes, HistorySettings settings)
      throws SQLException {
    try (PreparedStatement insert =
            connection.prepareStatement(
                "INSERT OR REPLACE INTO change (process, kind, time_ms, what, was, state)"
                    + " VALUES (?, ?, ?, ?, ?, ?)");
        PreparedStatement bound =
            connection.prepareStatement(
                "DELETE FROM change WHERE process = ?1 AND kind = ?2 AND time_ms NOT IN (SELECT"
                    + " time_ms FROM change WHERE process = ?1 AND kind = ?2 ORDER BY time_ms DESC"
                    + " LIMIT "
                    + PER_KIND_MAX
                    + ")")) {
      for (ObservedChange one : changes) {
        insert.setString(1, one.process());
        insert.setString(2, one.change().kind().wireName());
        insert.setLong(3, SampleBlock.toMillis(one.change().timeSeconds()));
        insert.setString(4, one.change().what());
        insert.setString(5, one.change().before());
        insert.setString(6, one.state());
        insert.executeUpdate();
        bound.setString(1, one.process());
        bound.setString(2, one.change().kind().wireName());
        bound.executeUpdate();
      }
    }
    boundBytes(connection, settings.maxBytes() / SHARE_OF_FILE);
  }

  private record Key(String process, String kind, long millis) {}

  private static void boundBytes(Connection connection, long maxBytes) throws SQLException {
    List<Key> surplus = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT process, kind, time_ms, length(process) + length(what)"
                    + " + length(coalesce(was, '')) + length(state), time_ms = max(time_ms)"
                    + " OVER (PARTITION BY process, kind) AS newest FROM change"
                    + " ORDER BY newest DESC, time_ms DESC")) {
      long bytes = 0;
      while (rows.next()) {
        bytes += ROW_BYTES + rows.getLong(4);
        if (bytes > maxBytes) {
          surplus.add(new Key(rows.getString(1), rows.getString(2), rows.getLong(3)));
        }
      }
    }
    try (PreparedStatement delete =
        connection.prepareStatement(
            "DELETE FROM change WHERE process = ? AND kind = ? AND time_ms = ?")) {
      for (Key key : surplus) {
        delete.setString(1, key.process());
        delete.setString(2, key.kind());
        delete.setLong(3, key.millis());
        delete.executeUpdate();
      }
    }
  }

  /** The newest change of each process and kind. */
  static List<ObservedChange> newest(Connection connection) throws SQLException {
    return read(
        connection,
        "SELECT process, kind, time_ms, what, was, state FROM change AS one WHERE time_ms = (SELECT"
            + " max(time_ms) FROM change WHERE process = one.process AND kind = one.kind)",
        null);
  }

  /** All of one process, and what happened to others that may matter to it, the oldest first. */
  static List<Change> of(Connection connection, String process) throws SQLException {
    List<Change> changes = new ArrayList<>();
    for (ObservedChange one :
        read(
            connection,
            "SELECT process, kind, time_ms, what, was, state FROM change WHERE process = ?"
                + " OR kind = 'restart' ORDER BY time_ms",
            process)) {
      if (one.process().equals(process)) {
        changes.add(one.change());
      } else if (!one.change().isFirst()) {
        changes.add(new Change(one.change().timeSeconds(), Kind.OTHER_RESTART, one.process(), ""));
      }
    }
    return changes;
  }

  private static List<ObservedChange> read(
      Connection connection, String query, @Nullable String argument) throws SQLException {
    if (!isThere(connection)) {
      return List.of();
    }
    List<ObservedChange> changes = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(query)) {
      if (argument != null) {
        select.setString(1, argument);
      }
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          row(rows).ifPresent(changes::add);
        }
      }
    }
    return changes;
  }

  /** A reader changes no file, and one that was written before there were changes has no table. */
  private static boolean isThere(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'change'")) {
      return row.next() && row.getInt(1) > 0;
    }
  }

  /** Empty for a kind that a newer program has written. */
  private static Optional<ObservedChange> row(ResultSet rows) throws SQLException {
    Kind kind = KINDS.get(rows.getString(2));
    return kind == null
        ? Optional.empty()
        : Optional.of(
            new ObservedChange(
                rows.getString(1),
                new Change(rows.getLong(3) / 1000.0, kind, rows.getString(4), rows.getString(5)),
                rows.getString(6)));
  }
}
