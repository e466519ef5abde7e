package io.leakwatch.incident;

import io.leakwatch.config.DiagnosisSettings;
import io.leakwatch.export.Incident;
import io.leakwatch.proc.identity.ProcessId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The diagnoses that open incidents ask for: one for each, and none at a process within {@code
 * diagnosis.pause} of the last, so that a target is not slowed down again and again.
 *
 * <p>An incident that still lasts after the pause, and an hour at least, is diagnosed once more:
 * what it holds then against what it held at the begin tells more than two looks.
 *
 * <p>A diagnosis begins the pause when the process was read, also one that failed then or was given
 * up at its timeout. No pause comes of one that was refused because too many wait, could not be
 * started, or found the process gone: a refused one is asked for again each round, one that could
 * not be started after {@code diagnosis.timeout}, for as long as the incident lasts. For the
 * sampler thread alone.
 */
public final class DiagnosisRequests implements AutoCloseable {
  private static final Duration LATER = Duration.ofHours(1);

  private final DiagnosisQueue queue;
  private final DiagnosisSettings settings;
  private final Function<String, Optional<Instant>> lastDiagnosis;
  private final Map<String, Wanted> wanted = new LinkedHashMap<>();
  private final Set<String> followed = new HashSet<>();
  private final Set<String> underWay = new HashSet<>();

  private record Wanted(Incident incident, Instant from, boolean refused, boolean isLater) {
    private Wanted refusedAt(Instant now) {
      return new Wanted(incident, now, true, isLater);
    }
  }

  /**
   * What there is to say of a request.
   *
   * @param givenUp whether there will be no diagnosis
   */
  record Notice(Incident incident, String text, boolean givenUp) {}

  /**
   * @param lastDiagnosis when a process was read last, by name
   */
  public DiagnosisRequests(
      DiagnosisQueue queue,
      DiagnosisSettings settings,
      Function<String, Optional<Instant>> lastDiagnosis) {
    this.queue = queue;
    this.settings = settings;
    this.lastDiagnosis = lastDiagnosis;
  }

  /**
   * Wants a diagnosis for each open incident that has none and is new here, and a second one of
   * those that last for longer than the pause; drops those that ended.
   */
  void follow(Collection<IncidentHead> open, Instant now) {
    Set<String> ids = open.stream().map(one -> one.head().id()).collect(Collectors.toSet());
    followed.retainAll(ids);
    wanted.keySet().retainAll(ids);
    for (IncidentHead one : open) {
      if (followed.add(one.head().id()) && one.diagnosedAt() == null) {
        wanted.put(one.head().id(), new Wanted(one.head(), now, false, false));
      } else if (one.diagnoses() == 1 && !underWay.contains(one.head().process())) {
        Instant from = one.diagnosedAt() == null ? now : one.diagnosedAt().plus(later());
        wanted.putIfAbsent(one.head().id(), new Wanted(one.head(), from, false, true));
      }
    }
  }

  /** Asks for what is wanted by now. */
  List<Notice> ask(Instant now, Function<String, Optional<ProcessId>> processOf) {
    List<Notice> notices = new ArrayList<>();
    for (Wanted one : List.copyOf(wanted.values())) {
      if (!one.from().isAfter(now) && !underWay.contains(one.incident().process())) {
        Optional<ProcessId> process = processOf.apply(one.incident().process());
        ask(one, process.orElse(null), now).ifPresent(notices::add);
      }
    }
    return notices;
  }

  private Optional<Notice> ask(Wanted one, @Nullable ProcessId process, Instant now) {
    Incident incident = one.incident();
    if (process == null) {
      return giveUp(one, "the process has ended");
    }
    Instant last = lastDiagnosis.apply(incident.process()).orElse(Instant.MIN);
    if (last.isAfter(now.minus(settings.pause()))) {
      return giveUp(one, "not diagnosed again so soon after " + last + " (diagnosis.pause)");
    }
    if (queue.ask(incident, process)) {
      wanted.remove(incident.id());
      underWay.add(incident.process());
      return one.refused() && !one.isLater()
          ? Optional.of(new Notice(incident, "the diagnosis is running", false))
          : Optional.empty();
    }
    wanted.put(incident.id(), one.refusedAt(now));
    return one.refused() || one.isLater()
        ? Optional.empty()
        : Optional.of(
            new Notice(
                incident,
                "too many diagnoses are queued (diagnosis.waiting-max); it waits",
                false));
  }

  private Optional<Notice> giveUp(Wanted one, String why) {
    wanted.remove(one.incident().id());
    return one.isLater() ? Optional.empty() : Optional.of(new Notice(one.incident(), why, true));
  }

  private Duration later() {
    return settings.pause().compareTo(LATER) < 0 ? LATER : settings.pause();
  }

  /** What a diagnosis has found, null when none has ended. */
  DiagnosisQueue.@Nullable Found poll(Instant now) {
    DiagnosisQueue.Found found = queue.poll();
    if (found == null) {
      return null;
    }
    underWay.remove(found.incident().process());
    boolean again = found.result() instanceof DiagnosisResult.NotRead not && not.again();
    if (again && followed.contains(found.incident().id())) {
      wanted.put(
          found.incident().id(),
          new Wanted(found.incident(), now.plus(settings.timeout()), false, false));
    }
    return found;
  }

  @Override
  public void close() {
    queue.close();
  }
}
