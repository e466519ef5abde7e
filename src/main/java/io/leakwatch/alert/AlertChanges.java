package io.leakwatch.alert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What has begun and what has ended between one set of firing alerts and the next. */
final class AlertChanges {
  private Map<Map<String, String>, Alert> firing = Map.of();

  /** One begin or end. */
  record Change(Alert alert, boolean firing) {}

  /** Takes the present set and returns the difference to the one before, ends first. */
  List<Change> to(List<Alert> now) {
    Map<Map<String, String>, Alert> next = new LinkedHashMap<>();
    now.forEach(alert -> next.put(alert.labels(), alert));
    List<Change> changes = new ArrayList<>();
    firing.forEach(
        (labels, alert) -> {
          if (!next.containsKey(labels)) {
            changes.add(new Change(alert, false));
          }
        });
    next.forEach(
        (labels, alert) -> {
          if (!firing.containsKey(labels)) {
            changes.add(new Change(alert, true));
          }
        });
    firing = next;
    return changes;
  }
}
