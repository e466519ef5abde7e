package io.leakwatch.history;

import io.leakwatch.history.block.SampleBlock;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Incidents and notes in the history file. Of the incidents of one process the first, the heaviest
 * and the last ones stay: how it began, how bad it got, how it is.
 */
final class IncidentTable {
  private static final int MAX_NOTE_CHARS = 64 << 10;
  private static final int MAX_NOTES = 1000;

  private IncidentTable() {}

  /** Writes one, in the place of the one of its id; false when it is too large to be kept. */
  static boolean put(Connection connection, StoredIncident incident, HistorySettings settings)
      throws SQLException {
    if (incident.json().length() > settings.maxIncidentBytes() / 4) {
      return false;
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT OR REPLACE INTO incident (id, process, time_ms, weight, json)"
                + " VALUES (?, ?, ?, ?, ?)")) {
      insert.setString(1, incident.id());
      insert.setString(2, incident.process());
      insert.setLong(3, SampleBlock.toMillis(incident.timeSeconds()));
      insert.setDouble(4, incident.weight());
      insert.setString(5, incident.json());
      insert.executeUpdate();
    }
    boundCount(connection, incident.process(), settings.maxIncidentsPerProcess());
    boundBytes(connection, settings.maxIncidentBytes());
    return true;
  }

  private static void boundCount(Connection connection, String process, int max)
      throws SQLException {
    List<String> ids = new ArrayList<>();
    int heaviest = 0;
    double most = Double.NEGATIVE_INFINITY;
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT id, weight FROM incident WHERE process = ? ORDER BY time_ms, rowid")) {
      select.setString(1, process);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          if (rows.getDouble(2) > most) {
            most = rows.getDouble(2);
            heaviest = ids.size();
          }
          ids.add(rows.getString(1));
        }
      }
    }
    int surplus = ids.size() - Math.max(3, max);
    for (int i = 1; i < ids.size() && surplus > 0; i++) {
      if (i != heaviest) {
        delete(connection, ids.get(i));
        surplus--;
      }
    }
  }

  private static void boundBytes(Connection connection, long maxBytes) throws SQLException {
    List<String> surplus = new ArrayList<>();
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT id, length(CAST(json AS BLOB)) FROM incident"
                    + " ORDER BY time_ms DESC, rowid DESC");
        ResultSet rows = select.executeQuery()) {
      long bytes = 0;
      while (rows.next()) {
        bytes += rows.getLong(2);
        if (bytes > maxBytes) {
          surplus.add(rows.getString(1));
        }
      }
    }
    for (String id : surplus) {
      delete(connection, id);
    }
  }

  private static void delete(Connection connection, String id) throws SQLException {
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM incident WHERE id = ?")) {
      delete.setString(1, id);
      delete.executeUpdate();
    }
  }

  static Optional<StoredIncident> find(Connection connection, String id) throws SQLException {
    List<StoredIncident> found = new ArrayList<>(1);
    each(connection, found::add, "WHERE id = ?", id);
    return found.stream().findFirst();
  }

  static void each(
      Connection connection, Consumer<StoredIncident> consumer, String where, String... arguments)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT id, process, time_ms, weight, json FROM incident "
                + where
                + " ORDER BY time_ms DESC, rowid DESC")) {
      for (int i = 0; i < arguments.length; i++) {
        select.setString(i + 1, arguments[i]);
      }
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          consumer.accept(
              new StoredIncident(
                  rows.getString(1),
                  rows.getString(2),
                  rows.getLong(3) / 1000.0,
                  rows.getDouble(4),
                  rows.getString(5)));
        }
      }
    }
  }

  static void note(Connection connection, String name, @Nullable String text) throws SQLException {
    if (text != null && text.length() > MAX_NOTE_CHARS) {
      throw new SQLException("note " + name + " is too long");
    }
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM note WHERE name = ?")) {
      delete.setString(1, name);
      delete.executeUpdate();
    }
    if (text == null) {
      return;
    }
    try (PreparedStatement insert =
            connection.prepareStatement("INSERT INTO note (name, text) VALUES (?, ?)");
        PreparedStatement bound =
            connection.prepareStatement(
                "DELETE FROM note WHERE rowid NOT IN"
                    + " (SELECT rowid FROM note ORDER BY rowid DESC LIMIT "
                    + MAX_NOTES
                    + ")")) {
      insert.setString(1, name);
      insert.setString(2, text);
      insert.executeUpdate();
      bound.executeUpdate();
    }
  }

  static @Nullable String note(Connection connection, String name) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement("SELECT text FROM note WHERE name = ?")) {
      select.setString(1, name);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? row.getString(1) : null;
      }
    }
  }
}
