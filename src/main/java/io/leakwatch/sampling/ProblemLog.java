package io.leakwatch.sampling;

import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One line in the log when a problem begins or changes, one when it ends, none while it lasts. */
final class ProblemLog {
  private static final Logger log = LoggerFactory.getLogger(ProblemLog.class);

  private final Map<String, String> logged;

  /**
   * A log without problems.
   *
   * @param subjectsMax subjects that are remembered, the latest ones
   */
  ProblemLog(int subjectsMax) {
    this.logged = latest(subjectsMax);
  }

  /** A map that forgets what was used least recently. */
  static <T> Map<String, T> latest(int sizeMax) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      @Override
      protected boolean removeEldestEntry(Map.Entry<String, T> eldest) {
        return size() > sizeMax;
      }
    };
  }

  /**
   * Notes the state of a subject.
   *
   * @param problem {@code ""} for none
   */
  void note(String subject, String problem) {
    String before = logged.getOrDefault(subject, "");
    if (problem.equals(before)) {
      return;
    }
    if (problem.isEmpty()) {
      logged.remove(subject);
      log.info("{}: can be read again", subject);
    } else {
      logged.put(subject, problem);
      log.warn("{}: {}", subject, problem);
    }
  }

  /** The subject is gone. */
  void forget(String subject) {
    logged.remove(subject);
  }
}
