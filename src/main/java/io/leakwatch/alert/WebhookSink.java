package io.leakwatch.alert;

import com.google.gson.stream.JsonWriter;
import io.leakwatch.net.HttpAddress;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Alerts pushed to a webhook: one JSON object for each begin and each end, in order, repeated until
 * it is accepted. An address that stays silent loses the oldest ones first.
 */
public final class WebhookSink {
  private static final int QUEUE_MAX = 256;
  private static final int SENT_AT_ONCE_MAX = 16;

  private final AlertSettings settings;
  private final Post post;
  private final Changes changes = new Changes();
  private final List<Peer> peers = new ArrayList<>();

  private static final class Peer {
    final URI address;
    final Backoff backoff;
    final Deque<String> queue = new ArrayDeque<>();

    Peer(URI address, AlertSettings settings) {
      this.address = address;
      this.backoff = new Backoff(settings.backoffLimit());
    }

    String shown() {
      return HttpAddress.shown(address);
    }
  }

  /**
   * @param post the way out
   */
  public WebhookSink(AlertSettings settings, Post post) {
    this.settings = settings;
    this.post = post;
    settings.webhooks().forEach(address -> peers.add(new Peer(address, settings)));
  }

  /**
   * Sends what has changed since the last call, and what an address has not accepted yet.
   *
   * @param firing all alerts that fire now
   * @return one outcome for each address that was called
   */
  public List<Delivery> update(List<Alert> firing, Instant now) {
    for (Changes.Change change : changes.to(firing)) {
      String json = json(change, now);
      for (Peer peer : peers) {
        if (peer.queue.size() == QUEUE_MAX) {
          peer.queue.removeFirst();
        }
        peer.queue.addLast(json);
      }
    }
    List<Delivery> outcomes = new ArrayList<>();
    for (Peer peer : peers) {
      tell(peer, now).ifPresent(outcomes::add);
    }
    return outcomes;
  }

  private Optional<Delivery> tell(Peer peer, Instant now) {
    int sent = 0;
    while (!peer.queue.isEmpty() && sent < SENT_AT_ONCE_MAX && peer.backoff.allows(now)) {
      Optional<String> failure = post.send(peer.address, peer.queue.getFirst(), settings.timeout());
      if (failure.isPresent()) {
        peer.backoff.failed(now);
        return Optional.of(new Delivery.Failed(peer.shown(), failure.get()));
      }
      peer.backoff.succeeded();
      peer.queue.removeFirst();
      sent++;
    }
    return sent == 0 ? Optional.empty() : Optional.of(new Delivery.Accepted(peer.shown(), sent));
  }

  private static String json(Changes.Change change, Instant now) {
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
