package io.leakwatch.alert;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where alerts are sent directly, and how persistently.
 *
 * @param alertmanagers base URLs ({@code http://host:9093}); alerts are sent to each, as Prometheus
 *     does
 * @param webhooks URLs that are sent one JSON object for each change
 * @param labels further labels of every alert, {@code name=value}
 * @param resendInterval how often a firing alert is repeated; Alertmanager resolves it by itself
 *     when four of them have passed in silence
 * @param timeout for one request; the loop waits as long at most for each address
 * @param backoffLimit the longest pause after failures; the first is one second
 * @param resolvedRetention how long a resolution is offered to an address that does not answer
 */
public record AlertSettings(
    List<URI> alertmanagers,
    List<URI> webhooks,
    List<String> labels,
    Duration resendInterval,
    Duration timeout,
    Duration backoffLimit,
    Duration resolvedRetention) {

  public AlertSettings {
    alertmanagers = List.copyOf(alertmanagers);
    webhooks = List.copyOf(webhooks);
    labels = List.copyOf(labels);
  }

  /** The further labels by name; what is not {@code name=value} is left out. */
  public Map<String, String> commonLabels() {
    Map<String, String> found = new TreeMap<>();
    for (String label : labels) {
      int equals = label.indexOf('=');
      if (equals > 0) {
        found.put(label.substring(0, equals).strip(), label.substring(equals + 1).strip());
      }
    }
    return found;
  }
}
