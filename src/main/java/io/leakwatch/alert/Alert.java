package io.leakwatch.alert;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * One thing that somebody should know. Its labels are its identity: they are made only of what
 * stays the same across a restart of the agent, so that a firing alert goes on instead of resolving
 * and firing again.
 *
 * @param annotations details, which may change while the alert fires
 * @param startsAt when its severity began
 */
public record Alert(Map<String, String> labels, Map<String, String> annotations, Instant startsAt) {

  /** The annotation that says what grows. */
  static final String SUSPECT = "suspect";

  public Alert {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
  }

  /** The alert in one line. */
  public String summary() {
    return annotations.getOrDefault("summary", "");
  }

  public String label(String name) {
    return labels.getOrDefault(name, "");
  }

  /**
   * The alert of one process whose memory is alarming.
   *
   * @param common further labels, e.g. {@code instance}; they do not replace ours
   * @param agentUrl where the agent serves its runbook, {@code ""} where that is not known
   */
  public static Alert of(AlertFacts facts, Map<String, String> common, String agentUrl) {
    Map<String, String> labels = new TreeMap<>(common);
    labels.put("alertname", "LeakwatchMemoryGrowth");
    labels.put("process", facts.process());
    labels.put("verdict", facts.verdict().kind().wireName());
    labels.put("severity", facts.severity().wireName());
    AlertText text = new AlertText(facts);
    Map<String, String> annotations = new TreeMap<>();
    annotations.put("summary", text.summary());
    annotations.put("description", String.join("\n", facts.verdict().reasons()));
    annotations.put("next", text.next());
    if (!facts.evidence().suspect().isEmpty()) {
      annotations.put(SUSPECT, text.suspect());
    }
    if (!facts.evidence().incident().isEmpty()) {
      annotations.put("incident", facts.evidence().incident());
    }
    if (!agentUrl.isEmpty()) {
      annotations.put("runbook_url", agentUrl + "/runbook/" + facts.verdict().kind().wireName());
    }
    return new Alert(labels, annotations, facts.since());
  }
}
