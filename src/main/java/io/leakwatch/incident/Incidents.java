package io.leakwatch.incident;

import io.leakwatch.alert.Severity;
import io.leakwatch.export.AgentView;
import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentReport;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.json.IncidentJson;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.inspection.Versions;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.sampling.judgement.Judgement;
import io.leakwatch.time.Time;
import io.leakwatch.verdict.Verdict;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
public final class Incidents implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Incidents.class);
  private static final String NOT_KNOWN = "suspects and holders: ";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

  private final HistoryStore store;
  private final IncidentIndex book;
  private final DiagnosisRequests looks;
  private final String kernel;
  private final Function<ProcessView, String> summary;
  private final Time time;
  private Instant firstRound = Instant.MAX;
  private long begun;
  private long diagnosed;
  private long failed;

  /**
   * @param kernel release of the kernel
   * @param summary the alert's line for a process
   */
  public Incidents(
      HistoryStore store,
      IncidentIndex book,
      DiagnosisRequests looks,
      String kernel,
      Function<ProcessView, String> summary,
      Time time) {
    this.time = time;
    this.store = store;
    this.book = book;
    this.looks = looks;
    this.kernel = kernel;
    this.summary = summary;
  }

  /** Follows what a round has seen. */
  public void round(
      double nowSeconds, List<ProcessView> views, Function<String, Optional<ProcessId>> processOf) {
    Instant now = Judgement.instant(nowSeconds);
    firstRound = firstRound.equals(Instant.MAX) ? now : firstRound;
    for (DiagnosisQueue.Found one = looks.poll(now); one != null; one = looks.poll(now)) {
      deliver(one, now);
    }
    Map<String, ProcessView> alarming =
        views.stream()
            .filter(
                view ->
                    view.assessment().severitySince() != null && view.assessment().told() != null)
            .collect(Collectors.toMap(ProcessView::name, view -> view, (a, b) -> a));
    Set<String> unjudged =
        views.stream()
            .filter(view -> view.assessment().verdict() == null)
            .map(ProcessView::name)
            .collect(Collectors.toSet());
    end(alarming, unjudged, now);
    Map<String, Incident> open = open();
    for (ProcessView view : alarming.values()) {
      Incident known = open.get(view.name());
      if (known == null) {
        begin(view, now);
      } else if (view.assessment().severity().compareTo(known.severity()) > 0
          || !verdict(view).equals(known.verdict())) {
        worsen(known, view, now);
      }
    }
    looks.follow(book.open(), now);
    for (DiagnosisRequests.Notice notice : looks.ask(now, processOf)) {
      failed += notice.givenUp() ? 1 : 0;
      book.add(notice.incident().withReport(IncidentReport.saying(NOT_KNOWN + notice.text())));
    }
    book.store(store, now);
  }

  /**
   * Ends the incidents whose process alarms no more, or again for another time. One whose process
   * is there and not judged yet goes on: nothing is known of its end.
   */
  private void end(Map<String, ProcessView> alarming, Set<String> unjudged, Instant now) {
    Set<String> going = new HashSet<>();
    for (IncidentHead one : book.open()) {
      if (unjudged.contains(one.head().process())) {
        continue;
      }
      ProcessView view = alarming.get(one.head().process());
      if (view == null || !isOf(view, one.head()) || !going.add(one.head().process())) {
        book.add(one.head().until(now));
      }
    }
  }

  private boolean isOf(ProcessView view, Incident incident) {
    boolean inherited = incident.since().isBefore(firstRound) && since(view).isBefore(firstRound);
    return inherited || idOf(view).equals(incident.id());
  }

  private void begin(ProcessView view, Instant now) {
    IncidentHead earlier = book.known(idOf(view)).orElse(null);
    if (earlier != null) { // The agent was restarted meanwhile.
      book.add(earlier.head().until(null));
      return;
    }
    begun++;
    String moment =
        IncidentReport.over(
            IncidentJson.report(view, now),
            IncidentReport.begun(
                Versions.known(kernel, view.identity().buildId()),
                NOT_KNOWN + "the diagnosis is running"));
    book.add(
        new Incident(
            idOf(view),
            view.name(),
            verdict(view),
            view.assessment().severity(),
            since(view),
            null,
            new Incident.Evidence(summary.apply(view), "", moment)));
  }

  private void deliver(DiagnosisQueue.Found found, Instant now) {
    IncidentHead incident = book.known(found.incident().id()).orElse(null);
    if (incident == null) {
      return; // So many began meanwhile that it is not remembered.
    }
    String json = found.result() instanceof DiagnosisResult.Looked looked ? looked.json() : "";
    String problem = problem(found.result());
    if (json.isEmpty()) {
      failed++;
    } else {
      diagnosed++;
    }
    List<String> missing =
        Stream.of(problem.isEmpty() ? "" : NOT_KNOWN + problem, found.seriesMissing())
            .filter(line -> !line.isEmpty())
            .toList();
    boolean read = !(found.result() instanceof DiagnosisResult.NotLooked);
    String look = IncidentReport.look(json, found.series(), read ? now : null, missing);
    Incident news = incident.head().withReport(look);
    book.add(news);
    List<String> told =
        news.evidence().suspect().isEmpty() ? IncidentReport.missing(look) : missing;
    log.info(
        "incident {}: {}{}",
        news.id(),
        news.evidence().suspect().isEmpty() ? "no suspect" : news.evidence().suspect(),
        told.isEmpty() ? "" : "; missing: " + String.join("; ", told));
  }

  /** Why a look has nothing to show, {@code ""} where it has. */
  private static String problem(DiagnosisResult result) {
    if (result instanceof DiagnosisResult.Failed failed) {
      return failed.why();
    }
    return result instanceof DiagnosisResult.NotLooked not
        ? not.why() + (not.again() ? "; it will be retried" : "")
        : "";
  }

  private void worsen(Incident before, ProcessView view, Instant now) {
    Severity present = view.assessment().severity();
    Severity worst = present.compareTo(before.severity()) > 0 ? present : before.severity();
    book.add(
        new Incident(
            before.id(),
            before.process(),
            verdict(view),
            worst,
            before.since(),
            null,
            new Incident.Evidence(
                summary.apply(view), before.evidence().suspect(), IncidentJson.report(view, now))));
  }

  private static String verdict(ProcessView view) {
    Verdict told = view.assessment().told();
    return told == null ? "" : told.kind().wireName();
  }

  private static Instant since(ProcessView view) {
    Instant since = view.assessment().severitySince();
    return since == null ? Instant.EPOCH : since;
  }

  private static String idOf(ProcessView view) {
    return view.name().replaceAll("[^A-Za-z0-9._-]", "_") + "-" + TIME.format(since(view));
  }

  /** The incidents that last, by process, without their evidence. */
  public Map<String, Incident> open() {
    return book.open().stream()
        .map(IncidentHead::head)
        .collect(Collectors.toMap(Incident::process, head -> head, (newer, older) -> newer));
  }

  public AgentView.IncidentCount counts() {
    return new AgentView.IncidentCount(begun, diagnosed, failed);
  }

  @Override
  public void close() {
    looks.close();
    book.store(store, time.now());
    List<String> notStored = book.notStored();
    if (!notStored.isEmpty()) {
      log.error("the history does not hold the latest state of the incidents {}", notStored);
    }
  }
}
