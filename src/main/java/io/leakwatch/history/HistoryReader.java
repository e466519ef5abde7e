package io.leakwatch.history;

import io.leakwatch.history.block.ColumnCodes;
import io.leakwatch.history.block.SampleBlock;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.ObservedChange;
import io.leakwatch.sample.Sample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads the history file, also while the daemon writes it: every call sees one consistent state. It
 * never changes the file. For one thread at a time.
 */
public final class HistoryReader implements AutoCloseable {
  private final Path path;
  private final Connection connection;
  private long damagedBlocks;

  private HistoryReader(Path path, Connection connection) {
    this.path = path;
    this.connection = connection;
  }

  /**
   * What is kept of one process.
   *
   * @param samples raw and consolidated ones
   */
  public record Extent(String process, double firstSeconds, double lastSeconds, long samples) {}

  /**
   * Opens the file read-only.
   *
   * @throws IOException with one line, when there is no file or it cannot be read
   */
  public static HistoryReader open(Path path) throws IOException {
    if (!Files.isReadable(path)) {
      throw new IOException(
          path + (Files.exists(path) ? ": permission denied" : ": no history is recorded there"));
    }
    try {
      return connect(path, path.toString());
    } catch (SQLException e) {
      // Where the directory is not writable and no daemon runs, SQLite cannot make the shared
      // memory of the log; without a log there is nothing in it, and the file stands still.
      if (logBytes(path) == 0) {
        try {
          return connect(path, "file:" + path.toUri().getRawPath() + "?immutable=1");
        } catch (SQLException again) {
          e.addSuppressed(again);
        }
      }
      throw new IOException(path + ": " + SqliteLibrary.message(e), e);
    }
  }

  /** Size of a history on disk, its write-ahead log included. */
  public static long fileBytes(Path path) throws IOException {
    return Files.size(path) + logBytes(path);
  }

  private static long logBytes(Path path) throws IOException {
    Path log = path.resolveSibling(path.getFileName() + "-wal");
    return Files.exists(log) ? Files.size(log) : 0;
  }

  private static HistoryReader connect(Path path, String name) throws SQLException {
    Connection connection = SqliteLibrary.openForReading(name);
    try {
      HistorySchema.check(connection);
      connection.setAutoCommit(false);
      HistoryReader reader = new HistoryReader(path, connection);
      connection.rollback();
      return reader;
    } catch (SQLException | RuntimeException e) {
      try {
        connection.close();
      } catch (SQLException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  /** All processes of which something is kept, by name. */
  public List<Extent> processes() throws IOException {
    return consistently(
        () -> {
          List<Extent> extents = new ArrayList<>();
          try (Statement statement = connection.createStatement();
              ResultSet rows =
                  statement.executeQuery(
                      "SELECT name, min(first), max(last), sum(n) FROM (SELECT process, min(from_ms)"
                          + " AS first, max(to_ms) AS last, sum(samples) AS n FROM block GROUP BY"
                          + " process UNION ALL SELECT process, min(time_ms), max(time_ms),"
                          + " count(*) FROM recent GROUP BY process) JOIN process ON process.id ="
                          + " process GROUP BY name ORDER BY name")) {
            while (rows.next()) {
              extents.add(
                  new Extent(
                      rows.getString(1),
                      rows.getLong(2) / 1000.0,
                      rows.getLong(3) / 1000.0,
                      rows.getLong(4)));
            }
          }
          return extents;
        });
  }

  /**
   * The names of processes by the incarnation of their newest sample; where two have the same, the
   * name that had it last.
   */
  public Map<String, String> namesByIncarnation() throws IOException {
    List<Extent> latestLast = new ArrayList<>(processes());
    latestLast.sort(Comparator.comparingDouble(Extent::lastSeconds));
    Map<String, String> names = new HashMap<>();
    for (Extent one : latestLast) {
      double last = one.lastSeconds();
      read(one.process(), last, last, sample -> names.put(sample.incarnation(), one.process()));
    }
    return names;
  }

  /**
   * Gives the samples of a process in strictly rising order of time. A sample that is not later
   * than the one before (the clock was set back) is passed over.
   *
   * @return how many there were
   */
  public long read(String process, double fromSeconds, double toSeconds, Consumer<Sample> consumer)
      throws IOException {
    Forward forward = new Forward(fromSeconds, toSeconds, consumer);
    return consistently(
        () -> {
          ColumnCodes codes = ColumnCodes.read(connection);
          String range = " AND process = (SELECT id FROM process WHERE name = ?)";
          each(
              "SELECT data FROM block WHERE to_ms >= ? AND from_ms <= ?"
                  + range
                  + " ORDER BY from_ms",
              process,
              codes,
              forward);
          each(
              "SELECT data FROM recent WHERE time_ms >= ? AND time_ms <= ?"
                  + range
                  + " ORDER BY time_ms",
              process,
              codes,
              forward);
          return forward.count;
        });
  }

  private void each(String query, String process, ColumnCodes codes, Forward forward)
      throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(query)) {
      select.setLong(1, SampleBlock.toMillis(forward.fromSeconds));
      select.setLong(2, SampleBlock.toMillis(forward.toSeconds));
      select.setString(3, process);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          List<Sample> samples;
          try {
            samples = SampleBlock.decode(rows.getBytes(1), codes);
          } catch (SampleBlock.Damaged e) {
            damagedBlocks++;
            continue;
          }
          samples.forEach(forward);
        }
      }
    }
  }

  private static final class Forward implements Consumer<Sample> {
    private final double fromSeconds;
    private final double toSeconds;
    private final Consumer<Sample> consumer;
    private double lastSeconds = Double.NEGATIVE_INFINITY;
    private long count;

    Forward(double fromSeconds, double toSeconds, Consumer<Sample> consumer) {
      this.fromSeconds = fromSeconds;
      this.toSeconds = toSeconds;
      this.consumer = consumer;
    }

    @Override
    public void accept(Sample sample) {
      double time = sample.timeSeconds();
      if (time >= fromSeconds && time <= toSeconds && time > lastSeconds) {
        lastSeconds = time;
        count++;
        consumer.accept(sample);
      }
    }
  }

  /** All incidents, the latest first. */
  public List<StoredIncident> incidents() throws IOException {
    List<StoredIncident> incidents = new ArrayList<>();
    incidents(incidents::add);
    return incidents;
  }

  /** Gives all incidents one by one, the latest first: together they may be large. */
  public void incidents(Consumer<StoredIncident> consumer) throws IOException {
    consistently(
        () -> {
          IncidentTable.each(connection, consumer, "");
          return true;
        });
  }

  public Optional<StoredIncident> incident(String id) throws IOException {
    return consistently(() -> IncidentTable.find(connection, id));
  }

  /**
   * What changed about a process, and which other processes began again, in the order of time; none
   * in a file that was written before changes were kept.
   */
  public List<Change> changes(String process) throws IOException {
    return consistently(() -> ChangeTable.of(connection, process));
  }

  /** The newest change of each kind of every process: the states that still hold. */
  public List<ObservedChange> newestChanges() throws IOException {
    return consistently(() -> ChangeTable.newest(connection));
  }

  /** What was kept under a name by {@link HistoryStore#note}. */
  public Optional<String> note(String name) throws IOException {
    return consistently(() -> Optional.ofNullable(IncidentTable.note(connection, name)));
  }

  /** Blocks of samples that were passed over because they are damaged. */
  public long damagedBlocks() {
    return damagedBlocks;
  }

  private interface Query<T> {
    T run() throws SQLException;
  }

  private <T> T consistently(Query<T> query) throws IOException {
    try {
      try {
        return query.run();
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      throw new IOException(path + ": " + SqliteLibrary.message(e), e);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // The connection only read: nothing is lost.
    }
  }
}
