package io.leakwatch.history;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;
import org.sqlite.SQLiteJDBCLoader;

/**
 * SQLite itself: loads its native library and opens connections that need little memory.
 *
 * <p>The library is unpacked from the jar into the directory {@code org.sqlite.tmpdir} (default:
 * {@code java.io.tmpdir}), which must allow execution; or it lies unpacked as {@code
 * libsqlitejdbc.so} in the directory {@code org.sqlite.lib.path}.
 */
final class SqliteLibrary {
  /** Pages of a connection's cache, in KiB: the default of 2 MB is for queries we do not make. */
  private static final int CACHE_KIB = 512;

  private static final int BUSY_TIMEOUT_MILLIS = 2000;

  private SqliteLibrary() {}

  private static void load() throws SQLException {
    String reason = "not for this platform";
    try {
      if (SQLiteJDBCLoader.initialize()) {
        return;
      }
    } catch (Exception | LinkageError e) {
      reason = String.valueOf(e.getMessage()).lines().findFirst().orElse(reason);
    }
    throw new SQLException(
        "SQLite's native library cannot be loaded ("
            + reason
            + "): let -Dorg.sqlite.tmpdir name a directory that is not mounted noexec, or"
            + " -Dorg.sqlite.lib.path the one that holds libsqlitejdbc.so");
  }

  /** Opens for writing; the caller sets the journal. */
  static Connection openForWriting(String path) throws SQLException {
    load();
    return connect(path, false);
  }

  static Connection openForReading(String path) throws SQLException {
    load();
    return connect(path, true);
  }

  private static Connection connect(String path, boolean readOnly) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(readOnly);
    config.setBusyTimeout(BUSY_TIMEOUT_MILLIS);
    config.setCacheSize(-CACHE_KIB);
    Connection connection = config.createConnection("jdbc:sqlite:" + path);
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA mmap_size = 0");
    }
    return connection;
  }

  static SQLException damage(String what) {
    return new SQLiteException(what, SQLiteErrorCode.SQLITE_CORRUPT);
  }

  static SQLException full(String what) {
    return new SQLiteException(what, SQLiteErrorCode.SQLITE_FULL);
  }

  static boolean isBusy(SQLException e) {
    SQLiteErrorCode code = primary(e);
    return code == SQLiteErrorCode.SQLITE_BUSY || code == SQLiteErrorCode.SQLITE_LOCKED;
  }

  static boolean isDamage(SQLException e) {
    SQLiteErrorCode code = primary(e);
    return code == SQLiteErrorCode.SQLITE_CORRUPT || code == SQLiteErrorCode.SQLITE_NOTADB;
  }

  static boolean isFull(SQLException e) {
    return primary(e) == SQLiteErrorCode.SQLITE_FULL;
  }

  private static @Nullable SQLiteErrorCode primary(SQLException e) {
    return e instanceof SQLiteException known
        ? SQLiteErrorCode.getErrorCode(known.getResultCode().code & 0xff)
        : null;
  }

  /** The first line of what went wrong. */
  static String message(Exception e) {
    if (e instanceof FileSystemException refused && refused.getReason() == null) {
      return e instanceof AccessDeniedException
          ? refused.getFile() + " may not be written by this user"
          : refused.getFile() + ": " + e.getClass().getSimpleName();
    }
    String text = e.getMessage();
    return text == null || text.isBlank()
        ? e.getClass().getSimpleName()
        : text.lines().findFirst().orElse("");
  }
}
