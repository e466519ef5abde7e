package io.leakwatch.app;

import io.leakwatch.alert.Severity;
import io.leakwatch.config.DiagnosisSettings;
import io.leakwatch.diagnose.Verdict;
import io.leakwatch.export.AgentView;
import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentJson;
import io.leakwatch.export.ProcessView;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.proc.ProcessId;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final HistoryStore store;
  private final IncidentBook book;
  private final DiagnosisDesk desk;
  private final DiagnosisSettings settings;
  private final String kernel;
  private final Function<ProcessView, String> summary;
  private final Map<String, Instant> lookedAt = new HashMap<>();
  private Instant firstRound = Instant.MAX;
  private long begun;
  private long diagnosed;
  private long failed;

  /**
   * @param kernel release of the kernel
   * @param summary the alert's line for a process
   */
  Incidents(
      HistoryStore store,
      IncidentBook book,
      DiagnosisDesk desk,
      DiagnosisSettings settings,
      String kernel,
      Function<ProcessView, String> summary) {
    this.store = store;
    this.book = book;
    this.desk = desk;
    this.settings = settings;
    this.kernel = kernel;
    this.summary = summary;
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
    Set<String> going = new HashSet<>();
    for (Incident head : book.newest().stream().filter(one -> one.until() == null).toList()) {
      ProcessView view = alarming.get(head.process());
      if (view == null || !isOf(view, head) || !going.add(head.process())) {
        book.add(head.until(now));
      }
    }
    Map<String, Incident> open = open();
    for (ProcessView view : alarming.values()) {
      Incident known = open.get(view.name());
      if (known == null) {
        begin(view, now, processOf.apply(view.name()));
      } else if (view.severity().compareTo(known.severity()) > 0
          || !verdict(view).equals(known.verdict())) {
        worsen(known, view, now);
      }
    }
    book.store(store, now);
  }

  private boolean isOf(ProcessView view, Incident incident) {
    boolean inherited = incident.since().isBefore(firstRound) && since(view).isBefore(firstRound);
    return inherited || idOf(view).equals(incident.id());
  }

  private void begin(ProcessView view, Instant now, Optional<ProcessId> process) {
    KnownIncident earlier = book.known(idOf(view)).orElse(null);
    if (earlier != null) { // The agent was restarted meanwhile.
      book.add(earlier.head().until(null));
      if (earlier.lookedAt() == null) {
        ask(earlier.head(), process, now);
      }
      return;
    }
    begun++;
    Incident incident =
        new Incident(
            idOf(view),
            view.name(),
            verdict(view),
            view.severity(),
            since(view),
            null,
            summary.apply(view),
            "",
            IncidentJson.over(
                IncidentJson.report(view, now),
                IncidentJson.begun(Versions.known(kernel, view.buildId()), UNDER_WAY)));
    book.add(incident);
    ask(incident, process, now);
  }

  private void ask(Incident incident, Optional<ProcessId> process, Instant now) {
    Instant last =
        lookedAt.computeIfAbsent(
            incident.process(), name -> book.lastLook(name).orElse(Instant.EPOCH));
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
              incident.id(), "", "", List.of("suspects and holders: " + refused)),
          now);
    }
  }

  private void deliver(DiagnosisDesk.Found found, Instant now) {
    KnownIncident incident = book.known(found.incident()).orElse(null);
    if (incident == null) {
      return; // So many began meanwhile that it is not remembered.
    }
    if (found.json().isEmpty()) {
      failed++;
    } else {
      diagnosed++;
    }
    String look = IncidentJson.look(found.json(), found.series(), now, found.missing());
    Incident news = incident.head().withReport(look);
    book.add(news);
    boolean named = !news.suspect().isEmpty();
    List<String> missing = named ? found.missing() : IncidentJson.missing(look);
    log.info(
        "incident {}: {}{}",
        news.id(),
        named ? news.suspect() : "no suspect",
        missing.isEmpty() ? "" : "; missing: " + String.join("; ", missing));
  }

  private void worsen(Incident before, ProcessView view, Instant now) {
    Severity worst =
        view.severity().compareTo(before.severity()) > 0 ? view.severity() : before.severity();
    book.add(
        new Incident(
            before.id(),
            before.process(),
            verdict(view),
            worst,
            before.since(),
            null,
            summary.apply(view),
            before.suspect(),
            IncidentJson.report(view, now)));
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
    return book.newest().stream()
        .filter(head -> head.until() == null)
        .collect(Collectors.toMap(Incident::process, head -> head, (newer, older) -> newer));
  }

  AgentView.IncidentCount counts() {
    return new AgentView.IncidentCount(begun, diagnosed, failed);
  }

  @Override
  public void close() {
    desk.close();
    book.store(store, Instant.now());
    List<String> notStored = book.notStored();
    if (!notStored.isEmpty()) {
      log.error("the history does not hold the incidents {} as they are", notStored);
    }
  }
}
