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
  private final List<Line> lines = new ArrayList<>();

  /** One webhook and what it has not been told yet. */
  private static final class Line {
    final Peer peer;
    final Deque<String> queue = new ArrayDeque<>();
    boolean dropping;

    Line(Peer peer) {
      this.peer = peer;
    }
  }

  /**
   * @param post the way out
   */
  public WebhookSink(AlertSettings settings, Post post) {
    for (Peer peer : Peer.of(settings.webhooks(), address -> address, settings, post)) {
      lines.add(new Line(peer));
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
    for (Line line : lines) {
      add(line, events).ifPresent(outcomes::add);
      tell(line, now).ifPresent(outcomes::add);
    }
    return outcomes;
  }

  private static Optional<Delivery> add(Line line, List<String> events) {
    line.queue.addAll(events);
    int over = Math.max(0, line.queue.size() - QUEUE_MAX);
    for (int i = 0; i < over; i++) {
      line.queue.removeFirst();
    }
    if (over == 0) {
      return Optional.empty();
    }
    boolean begins = !line.dropping;
    line.dropping = true;
    return Optional.of(
        new Delivery.Dropped(
            line.peer.shown(),
            over,
            QUEUE_MAX + " events are queued for it; the oldest are dropped",
            begins));
  }

  private static Optional<Delivery> tell(Line line, Instant now) {
    int sent = 0;
    while (!line.queue.isEmpty() && sent < SENT_AT_ONCE_MAX && line.peer.mayBeTold(now)) {
      Optional<Delivery> failure = line.peer.tell(line.queue.getFirst(), now);
      if (failure.isPresent()) {
        return failure;
      }
      line.queue.removeFirst();
      sent++;
    }
    line.dropping &= !line.queue.isEmpty();
    return sent == 0
        ? Optional.empty()
        : Optional.of(new Delivery.Accepted(line.peer.shown(), sent));
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
