package io.leakwatch.app;

import io.leakwatch.alert.Severity;
import io.leakwatch.config.DiagnosisSettings;
import io.leakwatch.diagnose.Verdict;
import io.leakwatch.export.AgentView;
import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentJson;
import io.leakwatch.export.ProcessView;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.history.StoreOutcome;
import io.leakwatch.proc.ProcessId;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The evidence of every alert, from its begin to its end.
 *
 * <p>When a process begins to alarm, what is known is kept at once, so that nothing is lost should
 * it be killed the next moment; then the heavy look is asked for, once for each incident and no
 * oftener for a process than the settings say, and what it finds is put in. When the severity
 * rises, the evidence is that of the worse time. An incident goes on after a restart of the agent:
 * the open one of a process that already alarms when the agent starts is the same, though the begin
 * may be known less well by then, for what is old is kept in less detail. For the sampler thread
 * alone.
 */
final class Incidents implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Incidents.class);
  private static final String UNDER_WAY = "suspects and holders: the look is under way";
  private static final int LOOKED_AT_MAX = 1000;
  private static final double WEIGHT_OF_SEVERITY = 1e15;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final HistoryStore store;
  private final IncidentBook book;
  private final DiagnosisDesk desk;
  private final DiagnosisSettings settings;
  private final Function<ProcessView, String> summary;
  private final Map<String, Incident> open = new HashMap<>();

  /** By process; who is forgotten is found among its incidents. */
  private final Map<String, Instant> lookedAt =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > LOOKED_AT_MAX;
        }
      };

  private Instant firstRound = Instant.MAX;
  private long begun;
  private long diagnosed;
  private long failed;

  /**
   * @param summary the alert's line for a process
   */
  Incidents(
      HistoryStore store,
      IncidentBook book,
      DiagnosisDesk desk,
      DiagnosisSettings settings,
      Function<ProcessView, String> summary) {
    this.store = store;
    this.book = book;
    this.desk = desk;
    this.settings = settings;
    this.summary = summary;
    book.newest().stream()
        .filter(incident -> incident.until() == null)
        .forEach(incident -> open.putIfAbsent(incident.process(), incident));
  }

  /** Follows what a round has seen. */
  void round(
      double nowSeconds, List<ProcessView> views, Function<String, Optional<ProcessId>> processOf) {
    Instant now = Judgement.instant(nowSeconds);
    firstRound = firstRound.equals(Instant.MAX) ? now : firstRound;
    for (DiagnosisDesk.Found found = desk.poll(); found != null; found = desk.poll()) {
      deliver(found, now);
    }
    Map<String, ProcessView> alarming =
        views.stream()
            .filter(view -> view.severitySince() != null && view.told() != null)
            .collect(Collectors.toMap(ProcessView::name, view -> view, (a, b) -> a));
    for (Incident incident : List.copyOf(open.values())) {
      ProcessView view = alarming.get(incident.process());
      if (view == null || !isOf(view, incident)) {
        open.remove(incident.process());
        keep(full(incident).until(now), now);
      }
    }
    for (ProcessView view : alarming.values()) {
      Incident known = open.get(view.name());
      if (known == null) {
        begin(view, now, processOf.apply(view.name()));
      } else if (view.severity().compareTo(known.severity()) > 0
          || !verdict(view).equals(known.verdict())) {
        worsen(full(known), view, now);
      }
    }
  }

  private boolean isOf(ProcessView view, Incident incident) {
    boolean inherited = incident.since().isBefore(firstRound) && since(view).isBefore(firstRound);
    return inherited || idOf(view).equals(incident.id());
  }

  private void begin(ProcessView view, Instant now, Optional<ProcessId> process) {
    String id = idOf(view);
    Incident earlier = book.find(id).orElse(null);
    if (earlier != null) { // The agent was restarted meanwhile.
      Incident again = earlier.until(null);
      keep(again, now);
      if (IncidentJson.diagnosedAt(again.reportJson()) == null) {
        ask(again, process, now);
      }
      return;
    }
    begun++;
    String report = IncidentJson.report(view, now, "", List.of(UNDER_WAY));
    Incident incident =
        new Incident(
            id,
            view.name(),
            verdict(view),
            view.severity(),
            since(view),
            null,
            summary.apply(view),
            "",
            report);
    keep(incident, now);
    ask(incident, process, now);
  }

  private void ask(Incident incident, Optional<ProcessId> process, Instant now) {
    Instant last = lookedAt.computeIfAbsent(incident.process(), this::lastLook);
    String refused =
        process.isEmpty()
            ? "the process has ended"
            : last.plus(settings.pause()).isAfter(now)
                ? "not looked again so soon after " + last + " (diagnosis.pause)"
                : "";
    if (refused.isEmpty()) {
      lookedAt.put(incident.process(), now);
      refused =
          desk.ask(incident.id(), incident.process(), process.orElseThrow())
              ? ""
              : "too many wait for it (diagnosis.waiting-max)";
    }
    if (!refused.isEmpty()) {
      deliver(
          new DiagnosisDesk.Found(
              incident.id(), "", "", "", List.of("suspects and holders: " + refused)),
          now);
    }
  }

  /** When a process was looked at last, as far as its incidents tell. */
  private Instant lastLook(String process) {
    return book.newest().stream()
        .filter(head -> head.process().equals(process))
        .flatMap(head -> book.find(head.id()).stream())
        .map(incident -> IncidentJson.diagnosedAt(incident.reportJson()))
        .filter(at -> at != null)
        .max(Instant::compareTo)
        .orElse(Instant.EPOCH);
  }

  private void deliver(DiagnosisDesk.Found found, Instant now) {
    Incident incident = book.find(found.incident()).orElse(null);
    if (incident == null) {
      return; // Its history was lost meanwhile.
    }
    if (found.json().isEmpty()) {
      failed++;
    } else {
      diagnosed++;
    }
    String report =
        IncidentJson.diagnosed(
            incident.reportJson(),
            found.json(),
            found.series(),
            found.versions(),
            now,
            found.missing());
    Incident complete = incident.found(IncidentJson.suspect(report), report);
    keep(complete, now);
    boolean named = !complete.suspect().isEmpty();
    List<String> missing = named ? found.missing() : IncidentJson.missing(report);
    log.info(
        "incident {}: {}{}",
        complete.id(),
        named ? complete.suspect() : "no suspect",
        missing.isEmpty() ? "" : "; missing: " + String.join("; ", missing));
  }

  private void worsen(Incident before, ProcessView view, Instant now) {
    Severity worst =
        view.severity().compareTo(before.severity()) > 0 ? view.severity() : before.severity();
    List<String> missing = IncidentJson.missing(before.reportJson());
    keep(
        new Incident(
            before.id(),
            before.process(),
            verdict(view),
            worst,
            before.since(),
            null,
            summary.apply(view),
            before.suspect(),
            IncidentJson.report(view, now, before.reportJson(), missing)),
        now);
  }

  /** The incident with its evidence, which is not kept in memory. */
  private Incident full(Incident head) {
    return book.find(head.id()).orElse(head);
  }

  private void keep(Incident incident, Instant now) {
    double weight =
        incident.severity().ordinal() * WEIGHT_OF_SEVERITY
            + IncidentJson.growth(incident.reportJson());
    StoreOutcome outcome =
        store.record(
            now.toEpochMilli() / 1e3,
            new io.leakwatch.history.Incident(
                incident.id(),
                incident.process(),
                incident.since().toEpochMilli() / 1e3,
                weight,
                IncidentJson.stored(incident)));
    if (outcome instanceof StoreOutcome.Failed problem) {
      log.error("incident {} is not kept: {}", incident.id(), problem.why());
    }
    book.put(incident);
    if (incident.until() == null) {
      open.put(incident.process(), incident.withoutReport());
    }
  }

  private static String verdict(ProcessView view) {
    Verdict told = view.told();
    return told == null ? "" : told.kind().wireName();
  }

  private static Instant since(ProcessView view) {
    Instant since = view.severitySince();
    return since == null ? Instant.EPOCH : since;
  }

  private static String idOf(ProcessView view) {
    return view.name().replaceAll("[^A-Za-z0-9._-]", "_") + "-" + TIME.format(since(view));
  }

  /** The incidents that last, by process, without their evidence. */
  Map<String, Incident> open() {
    return Map.copyOf(open);
  }

  AgentView.IncidentCount counts() {
    return new AgentView.IncidentCount(begun, diagnosed, failed);
  }

  @Override
  public void close() {
    desk.close();
  }
}
