package io.leakwatch.agent;

import io.leakwatch.alert.Alert;
import io.leakwatch.alert.AlertSettings;
import io.leakwatch.alert.AlertmanagerSink;
import io.leakwatch.alert.Delivery;
import io.leakwatch.alert.JournalSink;
import io.leakwatch.alert.Post;
import io.leakwatch.alert.WebhookSink;
import io.leakwatch.export.AgentView;
import io.leakwatch.export.Snapshot;
import io.leakwatch.program.NodeName;
import io.leakwatch.time.Time;
import io.leakwatch.time.Workers;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of alerts: a line in the log, and the sinks that the configuration names. It has a thread
 * of its own, because an address that does not answer must not keep the sampler from its round.
 */
public final class AlertDispatcher implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AlertDispatcher.class);
  private static final Logger alertLog = LoggerFactory.getLogger("alert");

  private final Supplier<Snapshot> current;
  private final AlertmanagerSink alertmanager;
  private final WebhookSink webhook;
  private final JournalSink journal = new JournalSink();
  private final FiringAlerts firing;
  private final Map<String, AgentView.SinkCount> counts = new ConcurrentHashMap<>();
  private final Map<String, Long> dropped = new ConcurrentHashMap<>();

  /** By sink and address, both from the configuration. */
  private final Map<String, String> failures = new HashMap<>();

  private final Time time;
  private final long paceNanos;
  private final Workers.Loop loop;

  /**
   * Starts its loop.
   *
   * @param post the way out to the sinks
   * @param firing what fires by the current snapshot
   * @param pace how often the sinks are called when nothing happens
   */
  AlertDispatcher(
      AlertSettings settings,
      Post post,
      Supplier<Snapshot> current,
      FiringAlerts firing,
      Duration pace,
      Time time,
      Workers workers) {
    this.current = current;
    this.alertmanager = new AlertmanagerSink(settings, post);
    this.webhook = new WebhookSink(settings, post);
    this.firing = firing;
    this.time = time;
    this.paceNanos = pace.toNanos();
    this.loop = workers.loop("alerts", this::step);
  }

  /** The configured labels, and the node's name where they do not give an {@code instance}. */
  static Map<String, String> labels(AlertSettings settings) {
    Map<String, String> labels = new TreeMap<>(settings.commonLabels());
    labels.putIfAbsent("instance", NodeName.get());
    return labels;
  }

  private long step() {
    Snapshot snapshot = current.get();
    if (snapshot.isPublished()) {
      try {
        send(firing.of(snapshot), time.now());
      } catch (RuntimeException e) {
        log.error("alerts were not sent in this round: internal error", e);
      }
    }
    return paceNanos;
  }

  private void send(List<Alert> firing, Instant now) {
    for (JournalSink.Line line : journal.update(firing)) {
      switch (line.severity()) {
        case CRITICAL -> alertLog.error("{}", line.text());
        case WARNING -> alertLog.warn("{}", line.text());
        case NONE -> alertLog.info("{}", line.text());
      }
    }
    for (Delivery delivery : alertmanager.update(firing, now)) {
      follow("alertmanager", "alerts", delivery);
    }
    for (Delivery delivery : webhook.update(firing, now)) {
      follow("webhook", "webhook_events", delivery);
    }
  }

  private void follow(String sink, String bound, Delivery delivery) {
    if (delivery instanceof Delivery.Dropped gone) {
      dropped.merge(bound, (long) gone.alerts(), Long::sum);
      if (gone.begins()) {
        log.warn("{} {}: {}", sink, gone.address(), gone.reason());
      }
      return;
    }
    boolean failed = delivery instanceof Delivery.Failed;
    counts.merge(
        sink,
        new AgentView.SinkCount(sink, failed ? 0 : 1, failed ? 1 : 0),
        (a, b) ->
            new AgentView.SinkCount(sink, a.delivered() + b.delivered(), a.failed() + b.failed()));
    String reason = delivery instanceof Delivery.Failed failure ? failure.reason() : "";
    String before = failures.put(sink + " " + delivery.address(), reason);
    if (!reason.equals(before == null ? "" : before)) {
      if (reason.isEmpty()) {
        log.info("{} {} accepts alerts again", sink, delivery.address());
      } else {
        log.warn("{} {} does not accept alerts: {}", sink, delivery.address(), reason);
      }
    }
  }

  /** Alerts and events that will not be sent to an address, by the bound that was reached. */
  Map<String, Long> dropped() {
    return Map.of(
        "alerts", dropped.getOrDefault("alerts", 0L),
        "webhook_events", dropped.getOrDefault("webhook_events", 0L));
  }

  List<AgentView.SinkCount> counts() {
    return List.copyOf(counts.values());
  }

  /** Has a new snapshot sent now rather than at the next pace. */
  void wake() {
    loop.wake();
  }

  @Override
  public void close() {
    loop.close();
  }
}
