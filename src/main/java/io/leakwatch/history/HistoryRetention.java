package io.leakwatch.history;

import io.leakwatch.history.block.Consolidation;
import io.leakwatch.sample.Sample;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Keeps the history file small: consolidates raw samples when they are old, forgets the oldest by
 * age and by size. It works in small portions along with every round of samples, so that no round
 * takes long.
 */
final class HistoryRetention {
  private static final int CONSOLIDATIONS_PER_ROUND = 4;
  private static final int EVICTIONS_PER_ROUND = 64;
  private static final int BLOCKS_PER_EVICTION = 64;
  private static final int VACUUM_PAGES_PER_ROUND = 1024;
  private static final long DAY_MILLIS = 24 * 3600_000L;

  /** Part of the size that is left to the write-ahead log and to pages in flight. */
  private static final long MAX_LOG_BYTES = 8L << 20;

  private final Connection connection;
  private final SampleTable table;
  private final HistorySettings settings;
  private final long maxUsedPages;
  private long consolidatedSamples;
  private long expiredSamples;
  private long evictedSamples;

  HistoryRetention(Connection connection, SampleTable table, HistorySettings settings)
      throws SQLException {
    this.connection = connection;
    this.table = table;
    this.settings = settings;
    long pageBytes = number("PRAGMA page_size");
    long maxPages = Math.max(64, (settings.maxBytes() - logBytes(settings)) / pageBytes);
    this.maxUsedPages = maxPages - maxPages / 16;
    number("PRAGMA max_page_count = " + maxPages);
  }

  static long logBytes(HistorySettings settings) {
    return Math.min(MAX_LOG_BYTES, settings.maxBytes() / 4);
  }

  void apply(long nowMillis) throws SQLException {
    consolidate(nowMillis - settings.rawRetention().toMillis());
    expire(nowMillis - settings.retention().toMillis());
    evict();
  }

  private void consolidate(long horizonMillis) throws SQLException {
    long spanMillis = Math.min(DAY_MILLIS, Math.max(1, settings.rawRetention().toMillis() / 4));
    for (int i = 0; i < CONSOLIDATIONS_PER_ROUND; i++) {
      long process;
      long fromMillis;
      try (Statement statement = connection.createStatement();
          ResultSet oldest =
              statement.executeQuery(
                  "SELECT process, from_ms FROM block WHERE window_ms = 0"
                      + " ORDER BY from_ms LIMIT 1")) {
        if (!oldest.next() || oldest.getLong(2) + spanMillis > horizonMillis) {
          return;
        }
        process = oldest.getLong(1);
        fromMillis = oldest.getLong(2);
      }
      consolidate(process, fromMillis, fromMillis + spanMillis);
    }
  }

  private void consolidate(long process, long fromMillis, long untilMillis) throws SQLException {
    List<Sample> samples = new ArrayList<>();
    try (PreparedStatement select =
            connection.prepareStatement(
                "SELECT id, samples, data FROM block WHERE process = ? AND window_ms = 0"
                    + " AND from_ms >= ? AND from_ms < ? ORDER BY from_ms");
        PreparedStatement delete = connection.prepareStatement("DELETE FROM block WHERE id = ?")) {
      select.setLong(1, process);
      select.setLong(2, fromMillis);
      select.setLong(3, untilMillis);
      List<Long> ids = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          ids.add(rows.getLong(1));
          consolidatedSamples += rows.getLong(2);
          samples.addAll(table.decode(rows.getBytes(3)));
        }
      }
      for (long id : ids) {
        delete.setLong(1, id);
        delete.executeUpdate();
      }
    }
    samples.sort(Comparator.comparingDouble(Sample::timeSeconds));
    long windowMillis = Math.max(1, settings.consolidatedInterval().toMillis());
    table.insertBlocks(process, Consolidation.floors(samples, windowMillis), windowMillis);
  }

  private void expire(long horizonMillis) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      expiredSamples +=
          number("SELECT coalesce(sum(samples), 0) FROM block WHERE to_ms < " + horizonMillis);
      int blocks = statement.executeUpdate("DELETE FROM block WHERE to_ms < " + horizonMillis);
      if (blocks > 0) {
        forgetEmptyProcesses();
      }
    }
  }

  private void evict() throws SQLException {
    boolean evicted = false;
    for (int i = 0; i < EVICTIONS_PER_ROUND && usedPages() > maxUsedPages; i++) {
      String oldest = "(SELECT id FROM block ORDER BY to_ms LIMIT " + BLOCKS_PER_EVICTION + ")";
      evictedSamples += number("SELECT coalesce(sum(samples), 0) FROM block WHERE id IN " + oldest);
      try (Statement statement = connection.createStatement()) {
        if (statement.executeUpdate("DELETE FROM block WHERE id IN " + oldest) == 0) {
          break;
        }
      }
      evicted = true;
    }
    if (evicted) {
      forgetEmptyProcesses();
    }
    if (number("PRAGMA page_count") > maxUsedPages + maxUsedPages / 16) {
      try (Statement statement = connection.createStatement()) {
        statement.executeUpdate("PRAGMA incremental_vacuum(" + VACUUM_PAGES_PER_ROUND + ")");
      }
    }
  }

  /** Whether the oldest samples would have to go. */
  boolean isOverfull() throws SQLException {
    return usedPages() > maxUsedPages;
  }

  private long usedPages() throws SQLException {
    return number("PRAGMA page_count") - number("PRAGMA freelist_count");
  }

  private void forgetEmptyProcesses() throws SQLException {
    try (Statement statement = connection.createStatement()) {
      int gone =
          statement.executeUpdate(
              "DELETE FROM process WHERE NOT EXISTS (SELECT 1 FROM block WHERE process ="
                  + " process.id) AND NOT EXISTS (SELECT 1 FROM recent WHERE process = process.id)");
      if (gone > 0) {
        table.forgetNumbers();
      }
    }
  }

  private long number(String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  long consolidatedSamples() {
    return consolidatedSamples;
  }

  long expiredSamples() {
    return expiredSamples;
  }

  long evictedSamples() {
    return evictedSamples;
  }
}
