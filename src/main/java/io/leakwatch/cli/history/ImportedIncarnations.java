package io.leakwatch.cli.history;

import io.leakwatch.sample.Sample;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Tells the incarnations of imported samples apart, one sample after the other. What the source
 * says goes first: its incarnation, else when the process had begun. Where it says neither, what
 * was taken since the start of the process that follows is of that one, and all before of one
 * unknown.
 */
final class ImportedIncarnations {
  private static final String UNKNOWN = "";
  private static final int COUNTED_MAX = 10_000;

  private final Continuation continuation;
  private final Set<String> seen = new LinkedHashSet<>();
  private double startedSeconds = Double.NaN;
  private boolean reached;

  ImportedIncarnations(Continuation continuation) {
    this.continuation = continuation;
  }

  /**
   * The sample as it is to be kept.
   *
   * @param startSeconds when the process had begun, as the source says; {@code NaN} where it does
   *     not
   */
  Sample accept(Sample sample, double startSeconds) {
    String incarnation =
        sample.incarnation().isEmpty()
            ? incarnation(sample.timeSeconds(), startSeconds)
            : sample.incarnation();
    if (seen.size() < COUNTED_MAX) {
      seen.add(incarnation);
    }
    reached |= !incarnation.isEmpty() && incarnation.equals(continuation.incarnation());
    return continuation.withAnonymous(sample, incarnation);
  }

  private String incarnation(double timeSeconds, double startSeconds) {
    if (!Double.isNaN(startSeconds)
        && !(Math.abs(startSeconds - startedSeconds) <= Continuation.START_TOLERANCE_SECONDS)) {
      startedSeconds = startSeconds;
    }
    if (!Double.isNaN(startedSeconds)) { // One that is missing here and there is the one before.
      return continuation.beganAt(startedSeconds)
          ? continuation.incarnation()
          : Continuation.former(startedSeconds);
    }
    return continuation.ranAt(timeSeconds) ? continuation.incarnation() : UNKNOWN;
  }

  /** How many there were. */
  int count() {
    return seen.size();
  }

  /** Whether the last of them is the one that follows. */
  boolean reachesWhatFollows() {
    return reached;
  }
}
