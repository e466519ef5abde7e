package io.leakwatch.history;

import io.leakwatch.history.block.ColumnCodes;
import io.leakwatch.history.block.SampleBlock;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The history file, open for writing by one thread. Each call is one transaction: what it returned
 * from survives a kill of the process at any time (write-ahead log, checked by SQLite when it is
 * opened again), and a loss of power costs the last transactions at most.
 */
final class HistoryFile implements AutoCloseable {
  /** Enough for the compression to pay, few enough that single rows take little room. */
  static final int BLOCK_SAMPLES = 120;

  /** A pause longer than this ends a block, so that a block is always near its times. */
  private static final long MAX_GAP_MILLIS = 6 * 3600_000L;

  /** Rows of a process that was not seen for so long are packed, however few they are. */
  private static final long QUIET_MILLIS = 3600_000L;

  private static final int ROUNDS_BETWEEN_SWEEPS = 64;
  private static final String RETENTION_NOTE = "retention-clock";
  private static final long PAGE_BYTES = 4096;
  private static final long MAX_CHECKPOINT_PAGES = 500;

  private final Connection connection;
  private final Object fileKey;
  private final HistorySettings settings;
  private ColumnCodes codes;
  private final Map<String, Long> processes = new HashMap<>();
  private final Map<Long, Integer> recentCounts = new HashMap<>();
  private final PreparedStatement insertRecent;
  private final PreparedStatement selectRecent;
  private final PreparedStatement deleteRecent;
  private final PreparedStatement insertBlock;
  private final HistoryRetention retention;
  private int rounds;
  private long damagedBlocks;

  private HistoryFile(Connection connection, Path path, HistorySettings settings)
      throws SQLException, IOException {
    this.connection = connection;
    this.settings = settings;
    HistorySchema.create(connection);
    this.codes = ColumnCodes.read(connection);
    countRecent();
    this.insertRecent =
        connection.prepareStatement(
            "INSERT OR REPLACE INTO recent (process, time_ms, data) VALUES (?, ?, ?)");
    this.selectRecent =
        connection.prepareStatement("SELECT data FROM recent WHERE process = ? ORDER BY time_ms");
    this.deleteRecent = connection.prepareStatement("DELETE FROM recent WHERE process = ?");
    this.insertBlock =
        connection.prepareStatement(
            "INSERT INTO block (process, window_ms, from_ms, to_ms, samples, data)"
                + " VALUES (?, ?, ?, ?, ?, ?)");
    this.retention = new HistoryRetention(connection, this, settings);
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
        insert(processId(observation.process()), observation.sample());
      }
      for (long process : List.copyOf(recentCounts.keySet())) {
        if (recentCounts.getOrDefault(process, 0) >= BLOCK_SAMPLES) {
          pack(process);
        }
      }
      if (rounds++ % ROUNDS_BETWEEN_SWEEPS == 0) {
        packAllOlderThan(nowMillis - QUIET_MILLIS);
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
   * @param samples of the process, in rising order of time
   * @param beforeMillis end of the stretch; it begins after the newest sample before
   * @param leastMillis a shorter stretch is left empty
   * @return how many were stored, the old ones consolidated
   * @throws SQLException also where that would push out what is older; then nothing is stored
   */
  long putEarlier(
      String process, Iterable<Sample> samples, long beforeMillis, long leastMillis, long nowMillis)
      throws SQLException {
    try {
      EarlierSamples earlier =
          new EarlierSamples(
              connection, this, settings, processId(process), beforeMillis, nowMillis);
      long stored = earlier.put(samples, leastMillis);
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
      countRecent();
      connection.commit();
      return stored;
    } catch (SQLException | RuntimeException e) {
      rollback(e);
      throw e;
    }
  }

  /** Time of the oldest sample of a process; empty where none is kept. */
  OptionalLong firstMillis(String process) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT min(ms) FROM (SELECT min(from_ms) AS ms FROM block WHERE process = ?1 UNION ALL"
                + " SELECT min(time_ms) FROM recent WHERE process = ?1)")) {
      select.setLong(1, processId(process));
      try (ResultSet row = select.executeQuery()) {
        long first = row.getLong(1);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(first);
      }
    }
  }

  /** Numbers the columns of samples that are to be stored. */
  void number(List<Sample> samples) throws SQLException {
    codes.ensure(connection, SampleBlock.columns(samples));
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
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  private void undo() throws SQLException {
    processes.clear();
    connection.rollback();
    codes = ColumnCodes.read(connection);
    countRecent();
    connection.commit();
  }

  private void countRecent() throws SQLException {
    recentCounts.clear();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT process, count(*) FROM recent GROUP BY process")) {
      while (rows.next()) {
        recentCounts.put(rows.getLong(1), rows.getInt(2));
      }
    }
  }

  private long processId(String name) throws SQLException {
    Long known = processes.get(name);
    if (known != null) {
      return known;
    }
    try (PreparedStatement insert =
            connection.prepareStatement("INSERT OR IGNORE INTO process (name) VALUES (?)");
        PreparedStatement select =
            connection.prepareStatement("SELECT id FROM process WHERE name = ?")) {
      insert.setString(1, name);
      insert.executeUpdate();
      select.setString(1, name);
      try (ResultSet row = select.executeQuery()) {
        long id = row.getLong(1);
        processes.put(name, id);
        return id;
      }
    }
  }

  private void insert(long process, Sample sample) throws SQLException {
    codes.ensure(connection, SampleBlock.columns(List.of(sample)));
    insertRecent.setLong(1, process);
    insertRecent.setLong(2, SampleBlock.toMillis(sample.timeSeconds()));
    insertRecent.setBytes(3, SampleBlock.encode(List.of(sample), codes));
    insertRecent.executeUpdate();
    recentCounts.merge(process, 1, Integer::sum);
  }

  private void pack(long process) throws SQLException {
    List<Sample> samples = new ArrayList<>();
    selectRecent.setLong(1, process);
    try (ResultSet rows = selectRecent.executeQuery()) {
      while (rows.next()) {
        samples.addAll(decode(rows.getBytes(1)));
      }
    }
    insertBlocks(process, samples, 0);
    deleteRecent.setLong(1, process);
    deleteRecent.executeUpdate();
    recentCounts.remove(process);
  }

  private void packAllOlderThan(long horizonMillis) throws SQLException {
    List<Long> quiet = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT process FROM recent GROUP BY process HAVING max(time_ms) < "
                    + horizonMillis)) {
      while (rows.next()) {
        quiet.add(rows.getLong(1));
      }
    }
    for (long process : quiet) {
      pack(process);
    }
  }

  /** The samples of a block; none, and counted, when it is damaged. */
  List<Sample> decode(byte[] data) {
    try {
      return SampleBlock.decode(data, codes);
    } catch (SampleBlock.Damaged e) {
      damagedBlocks++;
      return List.of();
    }
  }

  /**
   * @param samples in rising order of time
   * @param windowMillis what one sample stands for; 0 for raw ones
   */
  void insertBlocks(long process, List<Sample> samples, long windowMillis) throws SQLException {
    int limit = windowMillis == 0 ? BLOCK_SAMPLES : SampleBlock.MAX_SAMPLES;
    for (int first = 0; first < samples.size(); ) {
      int next = first + 1;
      while (next < samples.size()
          && next - first < limit
          && millisOf(samples, next) - millisOf(samples, next - 1) <= MAX_GAP_MILLIS) {
        next++;
      }
      insertBlock.setLong(1, process);
      insertBlock.setLong(2, windowMillis);
      insertBlock.setLong(3, millisOf(samples, first));
      insertBlock.setLong(4, millisOf(samples, next - 1));
      insertBlock.setInt(5, next - first);
      insertBlock.setBytes(6, SampleBlock.encode(samples.subList(first, next), codes));
      insertBlock.executeUpdate();
      first = next;
    }
  }

  private static long millisOf(List<Sample> samples, int index) {
    return SampleBlock.toMillis(samples.get(index).timeSeconds());
  }

  /** Processes without samples are gone from the file: look their numbers up again. */
  void forgetProcessNumbers() {
    processes.clear();
  }

  long damagedBlocks() {
    return damagedBlocks;
  }

  HistoryRetention retention() {
    return retention;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
