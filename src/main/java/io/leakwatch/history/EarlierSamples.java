package io.leakwatch.history;

import io.leakwatch.history.block.SampleBlock;
import io.leakwatch.sample.Sample;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts samples of one process into a stretch of time of which the file holds nothing: the one that
 * ends at a given time and begins after the newest sample before it. What is recorded stays as it
 * is. A block that spans the stretch is parted, and single rows before it are packed, because a
 * reader takes blocks in the order of their begin and single rows after them.
 */
final class EarlierSamples {
  /** More of them come from a clock that was set back again and again; those stay as they are. */
  private static final int SPANNING_BLOCKS_MAX = 16;

  private final Connection connection;
  private final SampleTable table;
  private final long process;
  private final long beforeMillis;
  private final List<Sample> raw = new ArrayList<>();
  private final List<Sample> folded = new ArrayList<>();
  private final SampleFolding folding;
  private final long windowMillis;
  private long stored;

  /**
   * @param beforeMillis end of the stretch
   */
  EarlierSamples(
      Connection connection,
      SampleTable table,
      HistorySettings settings,
      long process,
      long beforeMillis,
      long nowMillis) {
    this.connection = connection;
    this.table = table;
    this.process = process;
    this.beforeMillis = beforeMillis;
    this.windowMillis = Math.max(1, settings.consolidatedInterval().toMillis());
    this.folding = SampleFolding.by(settings, nowMillis, folded::add, raw::add);
  }

  /**
   * Stores those samples that belong into the stretch.
   *
   * @param samples in rising order of time
   * @param leastMillis a shorter stretch is left empty
   * @return how many are stored, the old ones consolidated
   */
  long put(Iterable<Sample> samples, long leastMillis) throws SQLException {
    long afterMillis = newestBefore();
    if (afterMillis != Long.MIN_VALUE && beforeMillis - afterMillis < leastMillis) {
      return 0;
    }
    if (afterMillis != Long.MIN_VALUE) {
      partBlocks();
      packRows();
    }
    long lastMillis = afterMillis;
    for (Sample sample : samples) {
      long millis = SampleBlock.toMillis(sample.timeSeconds());
      if (millis > lastMillis && millis < beforeMillis) {
        lastMillis = millis;
        folding.accept(sample);
        write(SampleTable.BLOCK_SAMPLES);
      }
    }
    folding.finish();
    write(1);
    return stored;
  }

  /** Writes what waits, as soon as it is as much. */
  private void write(int least) throws SQLException {
    stored += write(folded, windowMillis, least) + write(raw, 0, least);
  }

  private int write(List<Sample> waiting, long window, int least) throws SQLException {
    int count = waiting.size();
    if (count < least) {
      return 0;
    }
    table.numberColumns(waiting);
    table.insertBlocks(process, waiting, window);
    waiting.clear();
    return count;
  }

  /** Time of the newest sample before the end of the stretch, {@link Long#MIN_VALUE} for none. */
  private long newestBefore() throws SQLException {
    long newest =
        Math.max(
            newest("SELECT max(time_ms) FROM recent WHERE process = ? AND time_ms < ?"),
            newest("SELECT max(to_ms) FROM block WHERE process = ? AND to_ms < ?"));
    for (Block block : spanning()) {
      for (Sample sample : block.samples()) {
        long millis = SampleBlock.toMillis(sample.timeSeconds());
        newest = millis < beforeMillis ? Math.max(newest, millis) : newest;
      }
    }
    return newest;
  }

  private long newest(String query) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(query)) {
      select.setLong(1, process);
      select.setLong(2, beforeMillis);
      try (ResultSet row = select.executeQuery()) {
        long newest = row.getLong(1);
        return row.wasNull() ? Long.MIN_VALUE : newest;
      }
    }
  }

  private record Block(long id, long windowMillis, List<Sample> samples) {}

  /** The blocks that begin before the end of the stretch and end after it: one at most, usually. */
  private List<Block> spanning() throws SQLException {
    List<Block> blocks = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT id, window_ms, data FROM block WHERE process = ? AND from_ms < ?"
                + " AND to_ms >= ? ORDER BY from_ms DESC LIMIT "
                + SPANNING_BLOCKS_MAX)) {
      select.setLong(1, process);
      select.setLong(2, beforeMillis);
      select.setLong(3, beforeMillis);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          blocks.add(new Block(rows.getLong(1), rows.getLong(2), table.decode(rows.getBytes(3))));
        }
      }
    }
    return blocks;
  }

  private void partBlocks() throws SQLException {
    for (Block block : spanning()) {
      List<Sample> samples = block.samples();
      int before = 0;
      while (before < samples.size()
          && SampleBlock.toMillis(samples.get(before).timeSeconds()) < beforeMillis) {
        before++;
      }
      if (before > 0 && before < samples.size()) {
        try (PreparedStatement delete =
            connection.prepareStatement("DELETE FROM block WHERE id = ?")) {
          delete.setLong(1, block.id());
          delete.executeUpdate();
        }
        table.insertBlocks(process, samples.subList(0, before), block.windowMillis());
        table.insertBlocks(process, samples.subList(before, samples.size()), block.windowMillis());
      }
    }
  }

  private void packRows() throws SQLException {
    List<Sample> samples = new ArrayList<>();
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT data FROM recent WHERE process = ? AND time_ms < ? ORDER BY time_ms")) {
      select.setLong(1, process);
      select.setLong(2, beforeMillis);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          samples.addAll(table.decode(rows.getBytes(1)));
        }
      }
    }
    table.insertBlocks(process, samples, 0);
    try (PreparedStatement delete =
        connection.prepareStatement("DELETE FROM recent WHERE process = ? AND time_ms < ?")) {
      delete.setLong(1, process);
      delete.setLong(2, beforeMillis);
      delete.executeUpdate();
    }
  }
}
