package io.leakwatch.incident;

import io.leakwatch.export.Incident;
import io.leakwatch.export.IncidentReport;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the agent knows of one incident without asking the history file: its head, when its process
 * was diagnosed for it, and what the file does not hold yet.
 *
 * <p>Evidence is large, so it is kept in memory only until it is in the file. What comes later is
 * news, laid over what is there: in memory while it waits, and in the file when it is written. So
 * nobody has to read the old evidence to add to it, and evidence that cannot be read just then
 * stays as it is.
 *
 * @param head without evidence
 * @param diagnosedAt when the last diagnosis ended, null while there was none
 * @param diagnoses how many there were
 * @param news what the file does not hold, null when it has all
 */
record IncidentHead(
    Incident head, @Nullable Instant diagnosedAt, int diagnoses, @Nullable Incident news) {
  private static final String LOST =
      "earlier evidence: it was lost with the history file, or dropped from it";
  private static final long HEAD_BYTES = 512;

  /** One whose evidence is all in the file. */
  static IncidentHead inFile(Incident whole) {
    return new IncidentHead(
        whole.withoutReport(),
        IncidentReport.diagnosedAt(whole.evidence().reportJson()),
        IncidentReport.diagnoses(whole.evidence().reportJson()),
        null);
  }

  /** One that has just begun. */
  static IncidentHead begun(Incident first) {
    return new IncidentHead(first.withoutReport(), null, 0, first);
  }

  /**
   * Adds what is new.
   *
   * @param newer its head, and as much evidence as is new, none included
   */
  IncidentHead with(Incident newer) {
    Incident waiting = news == null ? newer : newer.over(news);
    Instant looked = IncidentReport.diagnosedAt(newer.evidence().reportJson());
    return new IncidentHead(
        newer.over(head).withoutReport(),
        looked == null ? diagnosedAt : looked,
        Math.max(diagnoses, IncidentReport.diagnoses(newer.evidence().reportJson())),
        waiting);
  }

  /** The same without news: they are in the file, or are given up. */
  IncidentHead withoutNews() {
    return new IncidentHead(head, diagnosedAt, diagnoses, null);
  }

  /** The same with news of the head alone, which say why there is no evidence. */
  IncidentHead withoutEvidence(String why) {
    return new IncidentHead(
        head, diagnosedAt, diagnoses, head.withReport(IncidentReport.saying(why)));
  }

  boolean isOpen() {
    return head.until() == null;
  }

  /** Bytes of memory that its news take, 0 where there are none. */
  long newsBytes() {
    return news == null
        ? 0
        : HEAD_BYTES + news.evidence().summary().length() + news.evidence().reportJson().length();
  }

  /**
   * The whole incident.
   *
   * @param row what the file holds of it, null when that is nothing
   */
  Incident whole(@Nullable Incident row) {
    Incident newest = news == null ? head : news;
    if (row != null) {
      return news == null ? row : newest.over(row);
    }
    return IncidentReport.isWhole(newest.evidence().reportJson()) ? newest : saying(newest, LOST);
  }

  /** What is known of it while the file cannot be read. */
  Incident withoutFile(String why) {
    Incident newest = news == null ? head : news;
    return IncidentReport.isWhole(newest.evidence().reportJson())
        ? newest
        : saying(newest, "earlier evidence: " + why);
  }

  private static Incident saying(Incident incident, String missing) {
    return incident.withReport(
        IncidentReport.alsoMissing(incident.evidence().reportJson(), missing));
  }
}
