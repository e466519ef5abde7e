package io.leakwatch.history;

import io.leakwatch.history.block.ColumnCodes;
import io.leakwatch.history.block.SampleBlock;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.Sample;
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
 * The samples in the file: a row for each new one, and blocks of many once there are enough of a
 * process. Transactions are the caller's.
 */
final class SampleTable {
  /** Enough for the compression to pay, few enough that single rows take little room. */
  static final int BLOCK_SAMPLES = 120;

  /** A pause longer than this ends a block, so that a block is always near its times. */
  private static final long MAX_GAP_MILLIS = 6 * 3600_000L;

  /** Rows of a process that was not seen for so long are packed, however few they are. */
  private static final long QUIET_MILLIS = 3600_000L;

  private final Connection connection;
  private ColumnCodes codes;
  private final Map<String, Long> processes = new HashMap<>();
  private final Map<Long, Integer> recentCounts = new HashMap<>();
  private final PreparedStatement insertRecent;
  private final PreparedStatement selectRecent;
  private final PreparedStatement deleteRecent;
  private final PreparedStatement insertBlock;
  private long damagedBlocks;

  SampleTable(Connection connection) throws SQLException {
    this.connection = connection;
    this.codes = ColumnCodes.read(connection);
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
    countRecent();
  }

  /** What the tables hold may have changed: a transaction was taken back. */
  void readAgain() throws SQLException {
    processes.clear();
    codes = ColumnCodes.read(connection);
    countRecent();
  }

  /** Counts the rows that are not packed yet, where others than this have written them. */
  void countRecent() throws SQLException {
    recentCounts.clear();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("SELECT process, count(*) FROM recent GROUP BY process")) {
      while (rows.next()) {
        recentCounts.put(rows.getLong(1), rows.getInt(2));
      }
    }
  }

  /** Time of the oldest sample of a process; empty where none is kept. */
  OptionalLong firstMillis(String process) throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT min(ms) FROM (SELECT min(from_ms) AS ms FROM block WHERE process = ?1 UNION ALL"
                + " SELECT min(time_ms) FROM recent WHERE process = ?1)")) {
      select.setLong(1, number(process));
      try (ResultSet row = select.executeQuery()) {
        long first = row.getLong(1);
        return row.wasNull() ? OptionalLong.empty() : OptionalLong.of(first);
      }
    }
  }

  /** Numbers the columns of samples that are to be stored. */
  void numberColumns(List<Sample> samples) throws SQLException {
    codes.ensure(connection, SampleBlock.columns(samples));
  }

  /** The number of a process; one that has none gets one. */
  long number(String name) throws SQLException {
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

  /** Adds a sample. */
  void add(Observation observation) throws SQLException {
    long process = number(observation.process());
    Sample sample = observation.sample();
    codes.ensure(connection, SampleBlock.columns(List.of(sample)));
    insertRecent.setLong(1, process);
    insertRecent.setLong(2, SampleBlock.toMillis(sample.timeSeconds()));
    insertRecent.setBytes(3, SampleBlock.encode(List.of(sample), codes));
    insertRecent.executeUpdate();
    recentCounts.merge(process, 1, Integer::sum);
  }

  /** Packs the samples of processes that have enough for a block. */
  void packFull() throws SQLException {
    for (long process : List.copyOf(recentCounts.keySet())) {
      if (recentCounts.getOrDefault(process, 0) >= BLOCK_SAMPLES) {
        pack(process);
      }
    }
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

  /** Packs the samples of processes that have not been seen for a while. */
  void packQuiet(long nowMillis) throws SQLException {
    List<Long> quiet = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT process FROM recent GROUP BY process HAVING max(time_ms) < "
                    + (nowMillis - QUIET_MILLIS))) {
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
   * Adds samples of a process that are in no block, as many blocks as they take.
   *
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
  void forgetNumbers() {
    processes.clear();
  }

  /** Blocks that could not be decoded. */
  long damagedBlocks() {
    return damagedBlocks;
  }
}
