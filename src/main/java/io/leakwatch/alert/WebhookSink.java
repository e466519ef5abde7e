package io.leakwatch.alert;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Alerts pushed to a webhook: one JSON object for each begin and each end, in order, repeated until
 * it is accepted. An address that stays silent loses the oldest ones first, and is said to.
 */
public final class WebhookSink {
  private static final int QUEUE_MAX = 256;
  private static final int SENT_AT_ONCE_MAX = 16;

  private final AlertChanges changes = new AlertChanges();
  private final List<Endpoint> endpoints = new ArrayList<>();

  /** One webhook, and what was not sent to it yet. */
  private static final class Endpoint {
    final Peer peer;
    final Deque<String> queue = new ArrayDeque<>();
    boolean dropping;

    Endpoint(Peer peer) {
      this.peer = peer;
    }
  }

  /**
   * @param post the way out
   */
  public WebhookSink(AlertSettings settings, Post post) {
    for (Peer peer : Peer.of(settings.webhooks(), address -> address, settings, post)) {
      endpoints.add(new Endpoint(peer));
    }
  }

  /**
   * Sends what has changed since the last call, and what an address has not accepted yet.
   *
   * @param firing all alerts that fire now
   * @return outcomes for each address that was called or of which an event was dropped
   */
  public List<Delivery> update(List<Alert> firing, Instant now) {
    List<String> events = changes.to(firing).stream().map(change -> json(change, now)).toList();
    List<Delivery> outcomes = new ArrayList<>();
    for (Endpoint endpoint : endpoints) {
      add(endpoint, events).ifPresent(outcomes::add);
      send(endpoint, now).ifPresent(outcomes::add);
    }
    return outcomes;
  }

  private static Optional<Delivery> add(Endpoint endpoint, List<String> events) {
    endpoint.queue.addAll(events);
    int over = Math.max(0, endpoint.queue.size() - QUEUE_MAX);
    for (int i = 0; i < over; i++) {
      endpoint.queue.removeFirst();
    }
    if (over == 0) {
      return Optional.empty();
    }
    boolean begins = !endpoint.dropping;
    endpoint.dropping = true;
    return Optional.of(
        new Delivery.Dropped(
            endpoint.peer.shown(),
            over,
            QUEUE_MAX + " events are queued for it; the oldest are dropped",
            begins));
  }

  private static Optional<Delivery> send(Endpoint endpoint, Instant now) {
    int sent = 0;
    while (!endpoint.queue.isEmpty() && sent < SENT_AT_ONCE_MAX && endpoint.peer.isAvailable(now)) {
      Optional<Delivery> failure = endpoint.peer.send(endpoint.queue.getFirst(), now);
      if (failure.isPresent()) {
        return failure;
      }
      endpoint.queue.removeFirst();
      sent++;
    }
    endpoint.dropping &= !endpoint.queue.isEmpty();
    return sent == 0
        ? Optional.empty()
        : Optional.of(new Delivery.Accepted(endpoint.peer.shown(), sent));
  }

  private static String json(AlertChanges.Change change, Instant now) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.beginObject();
      json.name("version").value("1");
      json.name("status").value(change.firing() ? "firing" : "resolved");
      json.name("at").value(now.toString());
      AlertJson.writeTexts(json, "labels", change.alert().labels());
      AlertJson.writeTexts(json, "annotations", change.alert().annotations());
      json.name("startsAt").value(change.alert().startsAt().toString());
      json.endObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
