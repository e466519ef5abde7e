package io.leakwatch.incident;

import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentReport;
import io.leakwatch.export.IncidentSource;
import io.leakwatch.export.json.IncidentJson;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.history.StoreOutcome;
import io.leakwatch.program.OngoingProblem;
import io.leakwatch.text.Quantity;
import io.leakwatch.time.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The incidents, as the API shows them: their heads in memory, the evidence in the history file,
 * where it is read when somebody asks for it. What could not be written there waits in memory,
 * bounded, and is shown from there. Written by the sampler thread, read by all.
 */
public final class IncidentIndex implements IncidentSource {
  private static final Logger log = LoggerFactory.getLogger(IncidentIndex.class);
  private static final int HEADS_MAX = 500;
  private static final int WAITING_MAX = 64;
  private static final long WAITING_BYTES_MAX = 4 << 20;
  private static final double WEIGHT_OF_SEVERITY = 1e15;
  private static final Comparator<IncidentHead> OLDEST_FIRST =
      Comparator.comparing((IncidentHead one) -> one.head().since());

  private volatile Path file = Path.of("");
  private volatile List<IncidentHead> incidents = List.of();
  private boolean taken = true;
  private long dropped;
  private boolean overrunTold;
  private final OngoingProblem storing;

  /** An index of nothing. */
  public IncidentIndex(Time time) {
    storing =
        new OngoingProblem(time, log::error, () -> log.info("all queued incidents are written"));
  }

  /** Goes on with a history file, and takes over what it holds. */
  public void open(Path history) {
    if (!history.equals(file)) {
      incidents = waiting();
    }
    file = history;
    taken = false;
    String problem = take();
    if (!problem.isEmpty()) {
      log.warn("earlier incidents are not known yet: {}", problem);
    }
  }

  /**
   * Takes over what the file holds, if it can be read by now; returns why not, {@code ""} if so.
   */
  private String take() {
    if (taken) {
      return "";
    }
    Map<String, IncidentHead> found = new LinkedHashMap<>();
    if (!Files.notExists(file)) {
      try (HistoryReader reader = HistoryReader.open(file)) {
        reader.incidents(
            row ->
                IncidentJson.read(row.json())
                    .ifPresent(whole -> found.put(whole.id(), IncidentHead.inFile(whole))));
      } catch (IOException e) {
        return String.valueOf(e.getMessage());
      }
    }
    taken = true;
    for (IncidentHead one : incidents) {
      Incident news = one.news();
      found.merge(one.head().id(), one, (row, here) -> news == null ? row : row.with(news));
    }
    incidents = bounded(new ArrayList<>(found.values()));
    return "";
  }

  /**
   * Adds what is new of an incident; {@link #store} writes it.
   *
   * @param news its head, and as much evidence as is new, none included
   */
  void add(Incident news) {
    put(known(news.id()).map(one -> one.with(news)).orElseGet(() -> IncidentHead.begun(news)));
  }

  private void put(IncidentHead incident) {
    List<IncidentHead> next = new ArrayList<>(incidents);
    next.removeIf(old -> old.head().id().equals(incident.head().id()));
    next.add(incident);
    incidents = bounded(next);
  }

  private List<IncidentHead> bounded(List<IncidentHead> all) {
    all.sort(OLDEST_FIRST);
    while (all.size() > HEADS_MAX) {
      IncidentHead gone = all.stream().filter(one -> !one.isOpen()).findFirst().orElse(all.get(0));
      all.remove(gone);
      if (gone.news() != null) {
        drop(gone);
      }
    }
    boundNews(all);
    return List.copyOf(all);
  }

  /** Gives up the news of the incidents that began first, as far as there are too many. */
  private void boundNews(List<IncidentHead> oldestFirst) {
    long count = oldestFirst.stream().filter(one -> one.news() != null).count();
    long bytes = oldestFirst.stream().mapToLong(IncidentHead::newsBytes).sum();
    for (int i = 0; count > WAITING_MAX || bytes > WAITING_BYTES_MAX; i++) {
      IncidentHead one = oldestFirst.get(i);
      if (one.news() != null) {
        drop(one);
        IncidentHead rest =
            count > WAITING_MAX
                ? one.withoutNews()
                : one.withoutEvidence(
                    "evidence: it was dropped, because too much was queued for the history");
        bytes -= one.newsBytes() - rest.newsBytes();
        count -= count > WAITING_MAX ? 1 : 0;
        oldestFirst.set(i, rest);
      }
    }
  }

  private void drop(IncidentHead incident) {
    dropped++;
    if (!overrunTold) {
      overrunTold = true;
      log.error(
          "more incidents are queued for the history than memory may hold ({}, or {}"
              + " of evidence): evidence of {} is lost, and maybe of others (see"
              + " leakwatch_dropped_total)",
          WAITING_MAX,
          Quantity.size(WAITING_BYTES_MAX),
          incident.head().id());
    }
  }

  /**
   * Writes what waits, the incidents that began first before the others. The first failure ends the
   * attempt, so that a disk that is away costs one attempt a round.
   */
  void store(HistoryStore store, Instant now) {
    take();
    for (IncidentHead one : waiting()) {
      if (!write(one, store, now)) {
        return;
      }
    }
    if (waiting().isEmpty()) {
      storing.note("");
    }
  }

  /** Whether there is any use in writing others. */
  private boolean write(IncidentHead one, HistoryStore store, Instant now) {
    Function<Optional<io.leakwatch.history.StoredIncident>, io.leakwatch.history.StoredIncident>
        change =
            row -> row(one.whole(row.flatMap(kept -> IncidentJson.read(kept.json())).orElse(null)));
    StoreOutcome outcome = store.record(now.toEpochMilli() / 1e3, one.head().id(), change);
    if (outcome instanceof StoreOutcome.Failed failed) {
      storing.note("incidents cannot be written and stay in memory: " + failed.why());
      return false;
    }
    if (outcome instanceof StoreOutcome.SetAside damaged) {
      log.error(
          "the history file was damaged ({}); it was renamed to {}, and a new one begun",
          damaged.damage(),
          damaged.setAside());
      return true;
    }
    if (outcome instanceof StoreOutcome.TooLarge refused) {
      IncidentHead rest = shorten(one, refused.why());
      put(rest);
      return rest.news() == null || write(rest, store, now);
    }
    put(one.withoutNews());
    return true;
  }

  /** Its head at least, where the evidence is more than the history takes; or nothing. */
  private IncidentHead shorten(IncidentHead one, String why) {
    IncidentHead rest = one.withoutEvidence("evidence: it is " + why);
    dropped++;
    log.error("evidence of incident {} is not kept: it is {}", one.head().id(), why);
    return rest.equals(one) ? one.withoutNews() : rest;
  }

  private static io.leakwatch.history.StoredIncident row(Incident incident) {
    double weight =
        incident.severity().ordinal() * WEIGHT_OF_SEVERITY
            + IncidentReport.growth(incident.evidence().reportJson());
    return new io.leakwatch.history.StoredIncident(
        incident.id(),
        incident.process(),
        incident.since().toEpochMilli() / 1e3,
        weight,
        IncidentJson.stored(incident));
  }

  private List<IncidentHead> waiting() {
    return incidents.stream().filter(one -> one.news() != null).toList();
  }

  /** The ids of those that the history file does not hold as they are. */
  List<String> notStored() {
    return waiting().stream().map(one -> one.head().id()).toList();
  }

  Optional<IncidentHead> known(String id) {
    return incidents.stream().filter(one -> one.head().id().equals(id)).findFirst();
  }

  /** When the newest incident of a process ended; empty where it lasts, or there is none. */
  public Optional<Instant> lastEnd(String process) {
    return incidents.stream()
        .map(IncidentHead::head)
        .filter(head -> head.process().equals(process))
        .max(Comparator.comparing(Incident::since))
        .flatMap(newest -> Optional.ofNullable(newest.until()));
  }

  /** When a process was diagnosed last, as far as the known incidents tell. */
  public Optional<Instant> lastDiagnosis(String process) {
    return incidents.stream()
        .filter(one -> one.head().process().equals(process))
        .flatMap(one -> Optional.ofNullable(one.diagnosedAt()).stream())
        .max(Instant::compareTo);
  }

  /** Incidents whose evidence was given up because too much waited, since the start. */
  public long dropped() {
    return dropped;
  }

  /** Those that last, the newest first. */
  public List<IncidentHead> open() {
    return incidents.stream().filter(IncidentHead::isOpen).sorted(OLDEST_FIRST.reversed()).toList();
  }

  @Override
  public List<Incident> newest() {
    return incidents.stream().sorted(OLDEST_FIRST.reversed()).map(IncidentHead::head).toList();
  }

  @Override
  public Optional<Incident> find(String id) {
    return known(id).map(this::whole);
  }

  private Incident whole(IncidentHead known) {
    try (HistoryReader reader = HistoryReader.open(file)) {
      return known.whole(
          reader
              .incident(known.head().id())
              .flatMap(row -> IncidentJson.read(row.json()))
              .orElse(null));
    } catch (IOException e) {
      return known.withoutFile("it cannot be read now: " + e.getMessage());
    }
  }
}
