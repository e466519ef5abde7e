package io.leakwatch.export;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The state of the whole agent at one time, immutable. The sampler publishes one after each round;
 * metrics, API and page read nothing else and never cause a sample.
 *
 * @param incidents those that last, by process, without their evidence
 */
public record Snapshot(
    Instant takenAt,
    List<ProcessView> processes,
    AgentView agent,
    Map<String, Incident> incidents) {

  /** Before the first round. */
  public static final Snapshot EMPTY = new Snapshot(Instant.EPOCH, List.of());

  public Snapshot {
    processes = List.copyOf(processes);
    incidents = Map.copyOf(incidents);
  }

  public Snapshot(Instant takenAt, List<ProcessView> processes) {
    this(takenAt, processes, AgentView.NONE, Map.of());
  }

  /** Whether it comes from a finished round. */
  public boolean isPublished() {
    return takenAt.isAfter(Instant.EPOCH);
  }
}
