package io.leakwatch.export;

import java.util.List;
import java.util.Map;

/**
 * What the agent knows of itself. Counts run since its start.
 *
 * @param rounds sampling rounds that were finished
 * @param dropped what a bound has cut off, by bound (a fixed set, e.g. {@code processes}, {@code
 *     webhook_events}: events times addresses that they will not be sent to)
 * @param sinks deliveries of alerts, by sink
 * @param configurationGood whether the last reload of the configuration was accepted
 * @param incidents since the start
 * @param historyBytes size of the history on disk with its write-ahead log, {@code NaN} when there
 *     is none
 */
public record AgentView(
    long rounds,
    Budget budget,
    Map<String, Long> dropped,
    List<SinkCount> sinks,
    boolean configurationGood,
    double historyBytes,
    IncidentCount incidents) {

  public static final AgentView NONE =
      new AgentView(
          0,
          new Budget(Double.NaN, Double.NaN),
          Map.of(),
          List.of(),
          true,
          Double.NaN,
          new IncidentCount(0, 0, 0));

  public AgentView {
    dropped = Map.copyOf(dropped);
    sinks = List.copyOf(sinks);
  }

  /**
   * What reads of mappings cost on this node, as shares of wall time.
   *
   * @param ratio that they may take
   * @param usedRatio that they took in the last five minutes, {@code NaN} in the first five
   */
  public record Budget(double ratio, double usedRatio) {}

  /**
   * Incidents that began, and the diagnoses of their processes.
   *
   * @param failed diagnoses that found nothing for a reason that the incident names
   */
  public record IncidentCount(long begun, long diagnosed, long failed) {}

  /** How often alerts were sent to a sink, and how often that failed. */
  public record SinkCount(String sink, long delivered, long failed) {}
}
