package io.leakwatch.alert;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.net.HttpAddress;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Alerts pushed to Alertmanager's v2 API, as a Prometheus server pushes its own.
 *
 * <p>Alertmanager forgets: an alert whose {@code endsAt} passes is resolved. So a firing alert is
 * sent anew each resend interval, with an end four intervals ahead; when the agent dies the alert
 * lives on for that long, and an agent that is back by then finds it still firing. An alert that no
 * longer fires is sent with its end set to now, and offered for a while to addresses that do not
 * answer. Every address keeps its own account of what it has accepted. The loop calls; there is no
 * thread and no clock here.
 */
public final class AlertmanagerSink {
  private static final int VALIDITY_INTERVALS = 4;
  private static final int ALERTS_MAX = 1_000;
  private static final String PATH = "/api/v2/alerts";

  private final AlertSettings settings;
  private final Post post;
  private final List<Peer> peers = new ArrayList<>();
  private final Map<Map<String, String>, Tracked> tracked = new LinkedHashMap<>();

  /** An alert that fires, or one that has ended and is still to be told. */
  private record Tracked(Alert alert, @Nullable Instant endedAt) {
    String suspect() {
      return alert.annotations().getOrDefault(Alert.SUSPECT, "");
    }
  }

  /** One Alertmanager and what it was last told. */
  private static final class Peer {
    final URI address;
    final String shown;
    final Backoff backoff;
    final Map<Map<String, String>, Told> told = new LinkedHashMap<>();

    Peer(URI base, Duration backoffLimit) {
      address = address(base);
      shown = HttpAddress.shown(base);
      backoff = new Backoff(backoffLimit);
    }
  }

  private record Told(Instant at, boolean ended, String suspect) {}

  /**
   * @param post the way out
   */
  public AlertmanagerSink(AlertSettings settings, Post post) {
    this.settings = settings;
    this.post = post;
    for (URI base : settings.alertmanagers()) {
      peers.add(new Peer(base, settings.backoffLimit()));
    }
  }

  /** Where an Alertmanager of this base URL takes alerts. */
  public static URI address(URI base) {
    return URI.create(base.toString().replaceFirst("/+$", "") + PATH);
  }

  /**
   * Tells every address what it does not yet know. Waits for each as long as the timeout at most,
   * and not at all for those in a pause after failures.
   *
   * @param firing all alerts that fire now
   * @return one outcome for each address that was called
   */
  public List<Delivery> update(List<Alert> firing, Instant now) {
    track(firing, now);
    List<Delivery> outcomes = new ArrayList<>();
    for (Peer peer : peers) {
      tell(peer, now).ifPresent(outcomes::add);
    }
    forget(now);
    return outcomes;
  }

  private void track(List<Alert> firing, Instant now) {
    Map<Map<String, String>, Alert> byLabels = new LinkedHashMap<>();
    firing.stream().limit(ALERTS_MAX).forEach(alert -> byLabels.put(alert.labels(), alert));
    tracked.replaceAll(
        (labels, known) ->
            byLabels.containsKey(labels) || known.endedAt() != null
                ? known
                : new Tracked(known.alert(), now));
    byLabels.forEach((labels, alert) -> tracked.put(labels, new Tracked(alert, null)));
  }

  private Optional<Delivery> tell(Peer peer, Instant now) {
    List<Tracked> due = tracked.values().stream().filter(item -> isDue(peer, item, now)).toList();
    if (due.isEmpty() || !peer.backoff.allows(now)) {
      return Optional.empty();
    }
    Optional<String> failure = post.send(peer.address, json(due, now), settings.timeout());
    if (failure.isPresent()) {
      peer.backoff.failed(now);
      return Optional.of(new Delivery.Failed(peer.shown, failure.get()));
    }
    peer.backoff.succeeded();
    due.forEach(
        item ->
            peer.told.put(
                item.alert().labels(), new Told(now, item.endedAt() != null, item.suspect())));
    return Optional.of(new Delivery.Accepted(peer.shown, due.size()));
  }

  private boolean isDue(Peer peer, Tracked item, Instant now) {
    Told told = peer.told.get(item.alert().labels());
    boolean ended = item.endedAt() != null;
    if (told == null || told.ended() != ended) {
      return true;
    }
    boolean news = !told.suspect().equals(item.suspect());
    return !ended && (news || !told.at().plus(settings.resendInterval()).isAfter(now));
  }

  private void forget(Instant now) {
    tracked
        .entrySet()
        .removeIf(
            entry -> {
              Instant endedAt = entry.getValue().endedAt();
              return endedAt != null
                  && (peers.stream().noneMatch(peer -> isDue(peer, entry.getValue(), now))
                      || endedAt.plus(settings.resolvedRetention()).isBefore(now));
            });
    for (Peer peer : peers) {
      peer.told.keySet().retainAll(tracked.keySet());
    }
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
