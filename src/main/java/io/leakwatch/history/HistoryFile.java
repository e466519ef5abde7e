package io.leakwatch.history;

import io.leakwatch.sample.Observation;
import io.leakwatch.sample.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.OptionalLong;

/**
 * The history file, open for writing by one thread. Each call is one transaction: what it returned
 * from survives a kill of the process at any time (write-ahead log, checked by SQLite when it is
 * opened again), and a loss of power costs the last transactions at most.
 */
final class HistoryFile implements AutoCloseable {
  private static final int ROUNDS_BETWEEN_SWEEPS = 64;
  private static final String RETENTION_NOTE = "retention-clock";
  private static final long PAGE_BYTES = 4096;
  private static final long MAX_CHECKPOINT_PAGES = 500;

  private final Connection connection;
  private final Object fileKey;
  private final HistorySettings settings;
  private final SampleTable samples;
  private final HistoryRetention retention;
  private int rounds;
  private boolean broken;

  private HistoryFile(Connection connection, Path path, HistorySettings settings)
      throws SQLException, IOException {
    this.connection = connection;
    this.settings = settings;
    HistorySchema.create(connection);
    this.samples = new SampleTable(connection);
    this.retention = new HistoryRetention(connection, samples, settings);
    this.fileKey = fileKey(path);
    connection.commit();
  }

  /**
   * Opens or creates the file.
   *
   * @param check whether to look through the whole file for damage first
   */
  static HistoryFile open(HistorySettings settings, boolean check)
      throws SQLException, IOException {
    Path path = settings.path().toAbsolutePath();
    Files.createDirectories(path.getParent());
    create(path);
    Connection connection = SqliteLibrary.openForWriting(path.toString());
    try {
      HistorySchema.check(connection);
      prepare(connection, HistoryRetention.logBytes(settings), check);
      return new HistoryFile(connection, path, settings);
    } catch (SQLException | IOException | RuntimeException e) {
      try {
        connection.close();
      } catch (SQLException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  /**
   * Makes the file when it is missing. Root makes it for the directory's owner, so that a daemon
   * that root has tried by hand does not keep the service out; SQLite's logs follow the file.
   */
  private static void create(Path path) throws IOException {
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.createFile(path);
    if (Files.getAttribute(path, "unix:uid").equals(0)) {
      Files.setOwner(path, Files.getOwner(path.getParent()));
    }
  }

  private static void prepare(Connection connection, long logBytes, boolean check)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate("PRAGMA page_size = " + PAGE_BYTES);
      statement.executeUpdate("PRAGMA auto_vacuum = INCREMENTAL");
      statement.execute("PRAGMA journal_mode = WAL");
      statement.executeUpdate("PRAGMA synchronous = NORMAL");
      long checkpointPages = Math.min(MAX_CHECKPOINT_PAGES, logBytes / (4 * PAGE_BYTES));
      statement.execute("PRAGMA wal_autocheckpoint = " + checkpointPages);
      statement.execute("PRAGMA journal_size_limit = 0");
      if (check) {
        try (ResultSet rows = statement.executeQuery("PRAGMA quick_check(1)")) {
          String result = rows.getString(1);
          if (!"ok".equals(result)) {
            throw SqliteLibrary.damage(result);
          }
        }
      }
    }
    connection.setAutoCommit(false);
  }

  private static Object fileKey(Path path) throws IOException {
    Object key = Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    return key == null ? path : key;
  }

  /** Whether the path still leads to the file that is open here. */
  boolean isAt(Path path) {
    try {
      return fileKey.equals(fileKey(path));
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Appends samples and lets what is old go.
   *
   * @param retentionMillis the time by which samples grow old
   */
  void append(Iterable<Observation> observations, long nowMillis, long retentionMillis)
      throws SQLException {
    try {
      for (Observation observation : observations) {
        samples.add(observation);
      }
      samples.packFull();
      if (rounds++ % ROUNDS_BETWEEN_SWEEPS == 0) {
        samples.packQuiet(nowMillis);
        IncidentTable.note(connection, RETENTION_NOTE, Long.toString(retentionMillis));
      }
      retention.apply(retentionMillis);
      connection.commit();
    } catch (SQLException | RuntimeException e) {
      rollback(e);
      throw e;
    }
  }

  /**
   * Puts samples into a stretch of time of which nothing is kept, and never over anything.
   *
   * @param past samples of the process, in rising order of time
   * @param beforeMillis end of the stretch; it begins after the newest sample before
   * @param leastMillis a shorter stretch is left empty
   * @return how many were stored, the old ones consolidated
   * @throws SQLException also where that would push out what is older; then nothing is stored
   */
  long putEarlier(
      String process, Iterable<Sample> past, long beforeMillis, long leastMillis, long nowMillis)
      throws SQLException {
    try {
      EarlierSamples earlier =
          new EarlierSamples(
              connection, samples, settings, samples.number(process), beforeMillis, nowMillis);
      long stored = earlier.put(past, leastMillis);
      if (stored == 0) {
        undo();
        return 0;
      }
      if (retention.isOverfull()) {
        throw SqliteLibrary.full("history.max-bytes leaves no room for them");
      }
      if (IncidentTable.note(connection, RETENTION_NOTE) == null) {
        IncidentTable.note(connection, RETENTION_NOTE, Long.toString(nowMillis));
      }
      samples.countRecent();
      connection.commit();
      return stored;
    } catch (SQLException | RuntimeException e) {
      rollback(e);
      throw e;
    }
  }

  /** Where the time of retention stood when it was noted last; else the newest sample's. */
  OptionalLong retentionMillis() throws SQLException {
    String noted = IncidentTable.note(connection, RETENTION_NOTE);
    if (noted != null && noted.matches("[0-9]{1,18}")) {
      return OptionalLong.of(Long.parseLong(noted));
    }
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT max((SELECT coalesce(max(to_ms), -1) FROM block),"
                    + " (SELECT coalesce(max(time_ms), -1) FROM recent))")) {
      long newest = row.next() ? row.getLong(1) : -1;
      return newest < 0 ? OptionalLong.empty() : OptionalLong.of(newest);
    }
  }

  /** Anything else that is written: one transaction. */
  <T> T write(Work<T> work) throws SQLException {
    try {
      T result = work.run(connection);
      connection.commit();
      return result;
    } catch (SQLException | RuntimeException e) {
      rollback(e);
      throw e;
    }
  }

  /** Statements that belong together. */
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  private void rollback(Exception cause) {
    try {
      undo();
    } catch (SQLException e) { // SQLite has ended the transaction itself, as it does when full.
      broken = true;
      cause.addSuppressed(e);
    }
  }

  private void undo() throws SQLException {
    connection.rollback();
    samples.readAgain();
    connection.commit();
  }

  /** Whether a transaction could not be taken back: the file must be opened anew. */
  boolean isBroken() {
    return broken;
  }

  SampleTable samples() {
    return samples;
  }

  HistoryRetention retention() {
    return retention;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
