package io.leakwatch.history.block;

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
 * The numbers that stand for columns in one history file. A column that is new to the file gets
 * one, as long as there are any left; a series of load that finds none is not kept.
 */
public final class ColumnCodes {
  /** Numbers in a file; the signals take three dozen, series of load the others. */
  static final int MAX = 1000;

  private final List<@Nullable Column> byCode = new ArrayList<>();
  private final Map<Column, Integer> codes = new HashMap<>();

  /** No numbers yet. */
  public ColumnCodes() {}

  /** The numbers of a file as it is. */
  public static ColumnCodes read(Connection connection) throws SQLException {
    ColumnCodes codes = new ColumnCodes();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT code, name FROM signal WHERE code BETWEEN 0 AND "
                    + (MAX - 1)
                    + " ORDER BY code")) {
      while (rows.next()) {
        codes.put(rows.getInt(1), Column.named(rows.getString(2)).orElse(null));
      }
    }
    return codes;
  }

  void put(int code, @Nullable Column column) {
    while (byCode.size() <= code) {
      byCode.add(null);
    }
    byCode.set(code, column);
    if (column != null) {
      codes.put(column, code);
    }
  }

  /** Numbers all columns of a sample that have none, in the transaction that is open. */
  public void ensure(Connection connection, Iterable<Column> columns) throws SQLException {
    for (Column column : columns) {
      if (!codes.containsKey(column) && byCode.size() < MAX) {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT OR IGNORE INTO signal (name) VALUES (?)");
            PreparedStatement select =
                connection.prepareStatement("SELECT code FROM signal WHERE name = ?")) {
          insert.setString(1, column.name());
          insert.executeUpdate();
          select.setString(1, column.name());
          try (ResultSet row = select.executeQuery()) {
            put(row.getInt(1), column);
          }
        }
      }
    }
  }

  /** Numbers all columns that have none, where there is no file to agree with. */
  public void number(Iterable<Column> columns) {
    for (Column column : columns) {
      if (!codes.containsKey(column) && byCode.size() < MAX) {
        put(byCode.size(), column);
      }
    }
  }

  /** The number of a column, -1 where it has none. */
  int of(Column column) {
    return codes.getOrDefault(column, -1);
  }

  /** The column of a number, null where this program knows none. */
  @Nullable Column of(int code) {
    return code < byCode.size() ? byCode.get(code) : null;
  }
}
