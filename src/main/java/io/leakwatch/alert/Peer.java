package io.leakwatch.alert;

import io.leakwatch.net.HttpAddress;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** An address that alerts are sent to, with pauses while it does not answer. */
final class Peer {
  private final URI address;
  private final String shown;
  private final AlertSettings settings;
  private final Post post;
  private final Backoff backoff;

  private Peer(URI address, String shown, AlertSettings settings, Post post) {
    this.address = address;
    this.shown = shown;
    this.settings = settings;
    this.post = post;
    this.backoff = new Backoff(settings.backoffLimit());
  }

  /**
   * One for each of the configured URLs. They are shown without what may be secret, so those that
   * then look alike are numbered.
   *
   * @param address where alerts go for a configured URL
   */
  static List<Peer> of(
      List<URI> configured, UnaryOperator<URI> address, AlertSettings settings, Post post) {
    List<Peer> peers = new ArrayList<>();
    Map<String, Integer> alike = new HashMap<>();
    for (URI one : configured) {
      String shown = HttpAddress.shown(one);
      int number = alike.merge(shown, 1, Integer::sum);
      String unique = number == 1 ? shown : shown + " (" + number + ")";
      peers.add(new Peer(address.apply(one), unique, settings, post));
    }
    return peers;
  }

  /** How it is called in log and outcomes, without a password. */
  String shown() {
    return shown;
  }

  /** Whether it is in no pause. */
  boolean isAvailable(Instant now) {
    return backoff.allows(now);
  }

  /** Sends it; empty when it was accepted. */
  Optional<Delivery> send(String json, Instant now) {
    Optional<String> failure = post.send(address, json, settings.timeout());
    if (failure.isPresent()) {
      backoff.failed(now);
      return Optional.of(new Delivery.Failed(shown, failure.get()));
    }
    backoff.succeeded();
    return Optional.empty();
  }
}
