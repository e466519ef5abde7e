package io.leakwatch.export;

import java.util.List;
import java.util.Map;

/**
 * What the agent knows of itself. Counts run since its start.
 *
 * @param rounds sampling rounds that were finished
 * @param budgetRatio share of wall time that reading may take on this node
 * @param usedRatio share that it took lately, {@code NaN} when unknown
 * @param dropped what a bound has cut off, by bound (a fixed set, e.g. {@code processes})
 * @param sinks deliveries of alerts, by sink
 * @param configurationGood whether the last reload of the configuration was accepted
 * @param historyBytes size of the history on disk, {@code NaN} when there is none
 */
public record AgentView(
    long rounds,
    double budgetRatio,
    double usedRatio,
    Map<String, Long> dropped,
    List<SinkCount> sinks,
    boolean configurationGood,
    double historyBytes) {

  public static final AgentView NONE =
      new AgentView(0, Double.NaN, Double.NaN, Map.of(), List.of(), true, Double.NaN);

  public AgentView {
    dropped = Map.copyOf(dropped);
    sinks = List.copyOf(sinks);
  }

  /** How often a sink was told of alerts, and how often that failed. */
  public record SinkCount(String sink, long delivered, long failed) {}
}
