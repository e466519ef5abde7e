package io.leakwatch.alert;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Alerts pushed to Alertmanager's v2 API, as a Prometheus server pushes its own.
 *
 * <p>Alertmanager forgets: an alert whose {@code endsAt} passes is resolved. So a firing alert is
 * sent again each resend interval, with an end four intervals ahead; when the agent dies the
 * alertthe alert, and an agent that is back by then finds it still firing. An alert that no longer
 * fires is sent with its end set to now, and offered for a while to addresses that do not answer.
 * Every address keeps its own account of what it has accepted. Alerts that fire beyond a bound, and
 * ends that an address did not take in time, are dropped and said to be. The loop calls; there is
 * no thread and no clock here.
 */
public final class AlertmanagerSink {
  private static final int VALIDITY_INTERVALS = 4;
  private static final int ALERTS_MAX = 1_000;
  private static final int SENT_AT_ONCE_MAX = 200;
  private static final String PATH = "/api/v2/alerts";

  private final AlertSettings settings;
  private final List<Endpoint> endpoints = new ArrayList<>();
  private final Map<Map<String, String>, Tracked> tracked = new LinkedHashMap<>();
  private Set<Map<String, String>> leftOut = Set.of();
  private boolean endsDropping;

  /** An alert that fires, or one that has ended and is still to be sent. */
  private record Tracked(Alert alert, @Nullable Instant endedAt) {
    String suspect() {
      return alert.annotations().getOrDefault(Alert.SUSPECT, "");
    }
  }

  /** One Alertmanager, and what was last sent to it. */
  private static final class Endpoint {
    final Peer peer;
    final Map<Map<String, String>, Sent> sent = new LinkedHashMap<>();

    Endpoint(Peer peer) {
      this.peer = peer;
    }

    Instant sentAt(Tracked item) {
      Sent last = sent.get(item.alert().labels());
      return last == null ? Instant.MIN : last.at();
    }
  }

  private record Sent(Instant at, boolean ended, String suspect) {}

  /**
   * @param post sends to an address
   */
  public AlertmanagerSink(AlertSettings settings, Post post) {
    this.settings = settings;
    for (Peer peer : Peer.of(settings.alertmanagers(), AlertmanagerSink::address, settings, post)) {
      endpoints.add(new Endpoint(peer));
    }
  }

  /** Where an Alertmanager of this base URL takes alerts. */
  public static URI address(URI base) {
    return URI.create(base.toString().replaceFirst("/+$", "") + PATH);
  }

  /**
   * Sends every address what it does not have yet. Waits for each as long as the timeout at most,
   * and not at all for those in a pause after failures.
   *
   * @param firing all alerts that fire now
   * @return one outcome for each address that was called, and for what was dropped
   */
  public List<Delivery> update(List<Alert> firing, Instant now) {
    List<Delivery> outcomes = new ArrayList<>();
    if (endpoints.isEmpty()) {
      return outcomes;
    }
    track(firing, now).ifPresent(outcomes::add);
    for (Endpoint endpoint : endpoints) {
      send(endpoint, now).ifPresent(outcomes::add);
    }
    forget(now).ifPresent(outcomes::add);
    return outcomes;
  }

  private Optional<Delivery> track(List<Alert> firing, Instant now) {
    Map<Map<String, String>, Alert> byLabels = new LinkedHashMap<>();
    Set<Map<String, String>> over = new HashSet<>();
    for (Alert alert : firing) {
      if (byLabels.size() < ALERTS_MAX) {
        byLabels.put(alert.labels(), alert);
      } else {
        over.add(alert.labels());
      }
    }
    tracked.replaceAll(
        (labels, known) ->
            byLabels.containsKey(labels) || known.endedAt() != null
                ? known
                : new Tracked(known.alert(), now));
    byLabels.forEach((labels, alert) -> tracked.put(labels, new Tracked(alert, null)));
    int dropped = (int) over.stream().filter(labels -> !leftOut.contains(labels)).count();
    boolean begins = leftOut.isEmpty();
    leftOut = over;
    return dropped(
        dropped, "more than " + ALERTS_MAX + " alerts fire; the others are not sent", begins);
  }

  private Optional<Delivery> dropped(int count, String reason, boolean begins) {
    String who =
        endpoints.stream().map(endpoint -> endpoint.peer.shown()).collect(Collectors.joining(", "));
    return count == 0
        ? Optional.empty()
        : Optional.of(new Delivery.Dropped(who, count, reason, begins));
  }

  private Optional<Delivery> send(Endpoint endpoint, Instant now) {
    List<Tracked> due =
        tracked.values().stream()
            .filter(item -> isDue(endpoint, item, now))
            .sorted(Comparator.comparing(endpoint::sentAt))
            .limit(SENT_AT_ONCE_MAX)
            .toList();
    if (due.isEmpty() || !endpoint.peer.isAvailable(now)) {
      return Optional.empty();
    }
    Optional<Delivery> failure = endpoint.peer.send(json(due, now), now);
    if (failure.isPresent()) {
      return failure;
    }
    due.forEach(
        item ->
            endpoint.sent.put(
                item.alert().labels(), new Sent(now, item.endedAt() != null, item.suspect())));
    return Optional.of(new Delivery.Accepted(endpoint.peer.shown(), due.size()));
  }

  private boolean isDue(Endpoint endpoint, Tracked item, Instant now) {
    Sent sent = endpoint.sent.get(item.alert().labels());
    boolean ended = item.endedAt() != null;
    if (sent == null || sent.ended() != ended) {
      return true;
    }
    boolean news = !sent.suspect().equals(item.suspect());
    boolean old =
        !sent.at().plus(settings.resendInterval()).isAfter(now)
            || sent.at().isAfter(now); // The clock was set back.
    return !ended && (news || old);
  }

  /** Drops ends that were sent to all, and those that wait too long or are too many. */
  private Optional<Delivery> forget(Instant now) {
    tracked
        .values()
        .removeIf(
            item ->
                item.endedAt() != null
                    && endpoints.stream().noneMatch(endpoint -> isDue(endpoint, item, now)));
    List<Tracked> waiting =
        tracked.values().stream().filter(item -> item.endedAt() != null).toList();
    int dropped = 0;
    for (Tracked item : waiting) {
      Instant end = Objects.requireNonNull(item.endedAt()).plus(settings.resolvedRetention());
      if (end.isBefore(now) || waiting.size() - dropped > ALERTS_MAX) {
        tracked.remove(item.alert().labels());
        dropped++;
      }
    }
    endpoints.forEach(endpoint -> endpoint.sent.keySet().retainAll(tracked.keySet()));
    boolean begins = dropped > 0 && !endsDropping;
    endsDropping = dropped > 0 || (endsDropping && !waiting.isEmpty());
    return dropped(dropped, "alerts resolved, but could not be sent in time", begins);
  }

  private String json(List<Tracked> due, Instant now) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginArray();
      for (Tracked item : due) {
        Instant endsAt =
            item.endedAt() == null
                ? now.plus(settings.resendInterval().multipliedBy(VALIDITY_INTERVALS))
                : item.endedAt();
        json.beginObject();
        AlertJson.writeTexts(json, "labels", item.alert().labels());
        AlertJson.writeTexts(json, "annotations", item.alert().annotations());
        json.name("startsAt").value(item.alert().startsAt().toString());
        json.name("endsAt").value(endsAt.toString());
        json.endObject();
      }
      json.endArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
