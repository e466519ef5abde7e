package io.leakwatch.simulation;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.gateway.Outbound;
import io.leakwatch.load.HttpGet;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * An Alertmanager by its v2 API: an alert fires until its {@code endsAt}. At times it refuses, and
 * at times it does not answer at all.
 */
final class SimulatedReceiver implements Outbound {
  private static final Duration FLAP = Duration.ofMinutes(30);
  private static final Duration KEPT = Duration.ofHours(1);

  private final VirtualTime time;
  private final Map<String, Received> received = new TreeMap<>();
  private final Map<String, Long> quietNanos = new TreeMap<>();
  private int flaps;
  private String flapped = "";
  private State state = State.UP;
  private Instant sinceUp = Instant.MIN;

  /** An alert, by its labels. */
  private record Received(String process, Instant endsAt) {}

  /** Notes whether an alert of a process fires, and that one fires again too soon. */
  private void note(String process) {
    boolean fires = firing().contains(process);
    if (!fires) {
      quietNanos.putIfAbsent(process, time.nanos());
    } else if (quietNanos.containsKey(process)
        && time.nanos() - quietNanos.remove(process) < FLAP.toNanos()) {
      flaps++;
      flapped = process;
    }
  }

  /** How often an alert resolved and another of the process fired within half an hour. */
  int flaps() {
    return flaps;
  }

  /** The last process of which that happened. */
  String flapped() {
    return flapped;
  }

  /** How it answers. */
  enum State {
    UP,
    REFUSES,
    HANGS
  }

  /** One that is up. */
  SimulatedReceiver(VirtualTime time) {
    this.time = time;
  }

  boolean isInstant() {
    return state != State.HANGS;
  }

  void become(State next) {
    state = next;
    sinceUp = next == State.UP ? time.now() : Instant.MAX;
  }

  /** Whether it has been up for so long. */
  boolean isUpFor(Duration least) {
    return state == State.UP && sinceUp.isBefore(time.now().minus(least));
  }

  /** The processes of which an alert fires now. */
  Set<String> firing() {
    Instant now = time.now();
    return received.values().stream()
        .filter(one -> one.endsAt().isAfter(now))
        .map(Received::process)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Override
  public Optional<String> send(URI address, String json, Duration timeout) {
    if (state == State.HANGS) {
      time.pause(timeout.toNanos());
      return Optional.of("no answer within " + timeout);
    }
    if (state == State.REFUSES) {
      return Optional.of("it answers 503");
    }
    Set<String> processes = new TreeSet<>();
    for (JsonElement element : JsonParser.parseString(json).getAsJsonArray()) {
      JsonObject alert = element.getAsJsonObject();
      JsonObject labels = alert.getAsJsonObject("labels");
      Instant endsAt = Instant.parse(alert.get("endsAt").getAsString());
      processes.add(labels.get("process").getAsString());
      received.put(labels.toString(), new Received(labels.get("process").getAsString(), endsAt));
    }
    processes.forEach(this::note);
    received.values().removeIf(one -> one.endsAt().isBefore(time.now().minus(KEPT)));
    return Optional.empty();
  }

  @Override
  public Optional<String> get(URI address, Duration timeout, long bytesMax, HttpGet.Sink sink) {
    return Optional.of("nothing listens there");
  }

  @Override
  public Network network() {
    return new Network("net:[1]", "");
  }
}
