package io.leakwatch.history;

import io.leakwatch.history.block.SampleBlock;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.ObservedChange;
import io.leakwatch.sample.Sample;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The memory of the node's watchdog: samples of every process, evidence of incidents and a few
 * notes, in one bounded SQLite file. For one writing thread; others read by a {@link
 * HistoryReader}.
 *
 * <p>Nothing here throws for what a disk may do. While the file cannot be opened or written,
 * samples wait in memory and every further call tries again; a damaged file is renamed and a new
 * one begun.
 */
public final class HistoryStore implements AutoCloseable {
  private final HistorySettings settings;
  private final DoubleUnaryOperator steadySeconds;
  private @Nullable RetentionClock clock;
  private final Deque<Observation> pending = new ArrayDeque<>();
  private final Deque<ObservedChange> pendingChanges = new ArrayDeque<>();
  private @Nullable HistoryFile file;
  private boolean checked;
  private long storedSamples;
  private long lostSamples;
  private long failedWrites;
  private StoreCounts closedFiles = new StoreCounts(0, 0, 0, 0, 0, 0, 0);

  /** A store for recorded times, whose clock nobody sets wrong. */
  public HistoryStore(HistorySettings settings) {
    this(settings, nowSeconds -> nowSeconds);
  }

  /**
   * A store.
   *
   * @param steadySeconds tells of a wall time how long the program has run by then, on a clock that
   *     nobody sets
   */
  public HistoryStore(HistorySettings settings, DoubleUnaryOperator steadySeconds) {
    this.settings = settings;
    this.steadySeconds = steadySeconds;
  }

  /** Opens the file now, so that what is wrong with it is known early. */
  public StoreOutcome open(double nowSeconds) {
    return appendAll(nowSeconds, List.of());
  }

  public StoreOutcome append(double nowSeconds, String process, Sample sample) {
    return appendAll(nowSeconds, List.of(new Observation(process, sample)));
  }

  /**
   * Stores the samples of one round in one transaction, and those that still wait from rounds
   * before; then consolidates and forgets what the settings say.
   */
  public StoreOutcome appendAll(double nowSeconds, Collection<Observation> round) {
    return appendAll(nowSeconds, round, List.of());
  }

  /**
   * The same with what changed about the processes. Changes wait as samples do while the file
   * cannot be written, and as many of them; the oldest go first.
   */
  public StoreOutcome appendAll(
      double nowSeconds, Collection<Observation> round, Collection<ObservedChange> changes) {
    pending.addAll(round);
    pendingChanges.addAll(changes);
    StoreOutcome outcome =
        guarded(
            nowSeconds,
            target -> {
              target.append(
                  pending,
                  SampleBlock.toMillis(nowSeconds),
                  SampleBlock.toMillis(retentionSeconds(target, nowSeconds)));
              int samples = pending.size();
              storedSamples += samples;
              pending.clear();
              storeChanges(target);
              return new StoreOutcome.Stored(samples);
            });
    while (pending.size() > settings.maxPendingSamples()) {
      pending.removeFirst();
      lostSamples++;
    }
    while (pendingChanges.size() > settings.maxPendingSamples()) {
      pendingChanges.removeFirst();
    }
    return outcome;
  }

  private void storeChanges(HistoryFile target) throws SQLException {
    if (!pendingChanges.isEmpty()) {
      target.write(
          connection -> {
            ChangeTable.put(connection, pendingChanges, settings);
            return pendingChanges.size();
          });
      pendingChanges.clear();
    }
  }

  /**
   * Stores samples of a process from before the agent watched it, as far as nothing is kept of that
   * time.
   *
   * @param samples in rising order of time
   * @param beforeSeconds the time of a sample that is stored already; the stretch ends there, and
   *     begins after the newest sample before
   * @param leastSeconds a shorter stretch is left empty
   */
  public StoreOutcome putEarlier(
      double nowSeconds,
      String process,
      Collection<Sample> samples,
      double beforeSeconds,
      double leastSeconds) {
    return guarded(
        nowSeconds,
        target -> {
          long stored =
              target.putEarlier(
                  process,
                  samples,
                  SampleBlock.toMillis(beforeSeconds),
                  SampleBlock.toMillis(leastSeconds),
                  SampleBlock.toMillis(nowSeconds));
          storedSamples += stored;
          return new StoreOutcome.Stored(Math.toIntExact(stored));
        });
  }

  /**
   * Writes an incident over what the file holds under its id. Reading, changing and writing are one
   * transaction, so evidence that cannot be read is never replaced.
   *
   * @param change what is to be kept, made of what is there, which is empty where nothing is
   */
  public StoreOutcome record(
      double nowSeconds, String id, Function<Optional<StoredIncident>, StoredIncident> change) {
    return guarded(
        nowSeconds,
        target ->
            target.write(
                connection -> {
                  StoredIncident changed = change.apply(IncidentTable.find(connection, id));
                  return IncidentTable.put(connection, changed, settings)
                      ? new StoreOutcome.Stored(0)
                      : new StoreOutcome.TooLarge(
                          "larger than a quarter of history.max-incident-bytes");
                }));
  }

  /** Keeps a short text under a name over restarts; {@code null} removes it. */
  public StoreOutcome note(double nowSeconds, String name, @Nullable String text) {
    return guarded(
        nowSeconds,
        target ->
            target.write(
                connection -> {
                  IncidentTable.note(connection, name, text);
                  return new StoreOutcome.Stored(0);
                }));
  }

  private double retentionSeconds(HistoryFile target, double nowSeconds) throws SQLException {
    double steady = steadySeconds.applyAsDouble(nowSeconds);
    RetentionClock known = clock;
    if (known == null) {
      long stood = target.retentionMillis().orElse(SampleBlock.toMillis(nowSeconds));
      known = new RetentionClock(stood / 1e3, steady);
      clock = known;
    }
    return known.at(nowSeconds, steady);
  }

  /**
   * A view of what is stored, on a connection of its own.
   *
   * @throws IOException with one line, when there is no file or it cannot be read
   */
  public HistoryReader reader() throws IOException {
    return HistoryReader.open(settings.path());
  }

  public StoreCounts counts() {
    StoreCounts open = file == null ? new StoreCounts(0, 0, 0, 0, 0, 0, 0) : countsOf(file);
    return new StoreCounts(
        storedSamples,
        lostSamples,
        closedFiles.consolidatedSamples() + open.consolidatedSamples(),
        closedFiles.expiredSamples() + open.expiredSamples(),
        closedFiles.evictedSamples() + open.evictedSamples(),
        closedFiles.damagedBlocks() + open.damagedBlocks(),
        failedWrites);
  }

  private static StoreCounts countsOf(HistoryFile file) {
    HistoryRetention retention = file.retention();
    return new StoreCounts(
        0,
        0,
        retention.consolidatedSamples(),
        retention.expiredSamples(),
        retention.evictedSamples(),
        file.samples().damagedBlocks(),
        0);
  }

  private interface Writing {
    StoreOutcome run(HistoryFile file) throws SQLException;
  }

  private StoreOutcome guarded(double nowSeconds, Writing writing) {
    try {
      return writing.run(opened());
    } catch (SQLException | IOException e) {
      failedWrites++;
      boolean usable = file != null && !file.isBroken();
      if (!usable || !(e instanceof SQLException sql) || !SqliteLibrary.isFull(sql)) {
        close();
      }
      if (e instanceof SQLException sql && SqliteLibrary.isDamage(sql)) {
        return replaceDamaged(nowSeconds, SqliteLibrary.message(e), writing);
      }
      return failed(e);
    }
  }

  private StoreOutcome.Failed failed(Exception e) {
    return new StoreOutcome.Failed(settings.path() + ": " + SqliteLibrary.message(e));
  }

  private StoreOutcome replaceDamaged(double nowSeconds, String damage, Writing writing) {
    try {
      Path setAside = DamagedFiles.setAside(settings.path(), SampleBlock.toMillis(nowSeconds));
      int samples = writing.run(opened()) instanceof StoreOutcome.Stored all ? all.samples() : 0;
      return new StoreOutcome.SetAside(setAside, damage, samples);
    } catch (SQLException | IOException e) {
      close();
      return failed(e);
    }
  }

  private HistoryFile opened() throws SQLException, IOException {
    HistoryFile current = file;
    if (current != null && current.isAt(settings.path())) {
      return current;
    }
    close();
    HistoryFile opened = HistoryFile.open(settings, !checked);
    checked = true;
    file = opened;
    return opened;
  }

  /** Closes the file. What waits in memory is lost; a later call opens the file again. */
  @Override
  public void close() {
    HistoryFile closing = file;
    file = null;
    if (closing == null) {
      return;
    }
    StoreCounts counts = countsOf(closing);
    closedFiles =
        new StoreCounts(
            0,
            0,
            closedFiles.consolidatedSamples() + counts.consolidatedSamples(),
            closedFiles.expiredSamples() + counts.expiredSamples(),
            closedFiles.evictedSamples() + counts.evictedSamples(),
            closedFiles.damagedBlocks() + counts.damagedBlocks(),
            0);
    try {
      closing.close();
    } catch (SQLException e) {
      failedWrites++;
    }
  }
}
