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
 * it be killed the next moment; then the diagnosis is asked for, once for each incident and no
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
  private final IncidentIndex index;
  private final DiagnosisRequests requests;
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
      IncidentIndex index,
      DiagnosisRequests requests,
      String kernel,
      Function<ProcessView, String> summary,
      Time time) {
    this.time = time;
    this.store = store;
    this.index = index;
    this.requests = requests;
    this.kernel = kernel;
    this.summary = summary;
  }

  /** Follows what a round has seen. */
  public void round(
      double nowSeconds, List<ProcessView> views, Function<String, Optional<ProcessId>> processOf) {
    Instant now = Judgement.instant(nowSeconds);
    firstRound = firstRound.equals(Instant.MAX) ? now : firstRound;
    for (DiagnosisQueue.Found one = requests.poll(now); one != null; one = requests.poll(now)) {
      deliver(one, now);
    }
    Map<String, ProcessView> alarming =
        views.stream()
            .filter(
                view ->
                    view.assessment().severitySince() != null
                        && view.assessment().reported() != null)
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
    requests.follow(index.open(), now);
    for (DiagnosisRequests.Notice notice : requests.ask(now, processOf)) {
      failed += notice.givenUp() ? 1 : 0;
      index.add(notice.incident().withReport(IncidentReport.saying(NOT_KNOWN + notice.text())));
    }
    index.store(store, now);
  }

  /**
   * Ends the incidents whose process alarms no more, or again for another time. One whose process
   * is there and not judged yet goes on: nothing is known of its end.
   */
  private void end(Map<String, ProcessView> alarming, Set<String> unjudged, Instant now) {
    Set<String> going = new HashSet<>();
    for (IncidentHead one : index.open()) {
      if (unjudged.contains(one.head().process())) {
        continue;
      }
      ProcessView view = alarming.get(one.head().process());
      if (view == null || !isOf(view, one.head()) || !going.add(one.head().process())) {
        index.add(one.head().until(now));
      }
    }
  }

  private boolean isOf(ProcessView view, Incident incident) {
    boolean inherited = incident.since().isBefore(firstRound) && since(view).isBefore(firstRound);
    return inherited || idOf(view).equals(incident.id());
  }

  private void begin(ProcessView view, Instant now) {
    IncidentHead earlier = index.known(idOf(view)).orElse(null);
    if (earlier != null) { // The agent was restarted meanwhile.
      index.add(earlier.head().until(null));
      return;
    }
    begun++;
    String moment =
        IncidentReport.over(
            IncidentJson.report(view, now),
            IncidentReport.begun(
                Versions.known(kernel, view.identity().buildId()),
                NOT_KNOWN + "the diagnosis is running"));
    index.add(
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
    IncidentHead incident = index.known(found.incident().id()).orElse(null);
    if (incident == null) {
      return; // So many began meanwhile that it is not remembered.
    }
    String json = found.result() instanceof DiagnosisResult.Found one ? one.json() : "";
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
    boolean read = !(found.result() instanceof DiagnosisResult.NotRead);
    String diagnosis =
        IncidentReport.ofDiagnosis(
            json, found.series(), read ? now : null, missing, incident.diagnoses() + 1);
    Incident news = incident.head().withReport(diagnosis);
    index.add(news);
    List<String> lacking =
        news.evidence().suspect().isEmpty() ? IncidentReport.missing(diagnosis) : missing;
    log.info(
        "incident {}: {}{}",
        news.id(),
        news.evidence().suspect().isEmpty() ? "no suspect" : news.evidence().suspect(),
        lacking.isEmpty() ? "" : "; missing: " + String.join("; ", lacking));
  }

  /** Why a diagnosis has nothing to show, {@code ""} where it has. */
  private static String problem(DiagnosisResult result) {
    if (result instanceof DiagnosisResult.Failed failed) {
      return failed.why();
    }
    return result instanceof DiagnosisResult.NotRead not
        ? not.why() + (not.again() ? "; it will be retried" : "")
        : "";
  }

  private void worsen(Incident before, ProcessView view, Instant now) {
    Severity present = view.assessment().severity();
    Severity worst = present.compareTo(before.severity()) > 0 ? present : before.severity();
    index.add(
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
    Verdict reported = view.assessment().reported();
    return reported == null ? "" : reported.kind().wireName();
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
    return index.open().stream()
        .map(IncidentHead::head)
        .collect(Collectors.toMap(Incident::process, head -> head, (newer, older) -> newer));
  }

  public AgentView.IncidentCount counts() {
    return new AgentView.IncidentCount(begun, diagnosed, failed);
  }

  @Override
  public void close() {
    requests.close();
    index.store(store, time.now());
    List<String> notStored = index.notStored();
    if (!notStored.isEmpty()) {
      log.error("the history does not hold the latest state of the incidents {}", notStored);
    }
  }
}
