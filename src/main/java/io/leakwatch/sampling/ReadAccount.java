package io.leakwatch.sampling;

import io.leakwatch.export.ProcessView;
import io.leakwatch.proc.file.Outcome;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What reading one process has cost, how often that went wrong, and what is wrong now. */
final class ReadAccount {
  private final ReadCosts costs = new ReadCosts();
  private final SampleErrors errors;
  private String problem = "";
  private boolean denied;

  /**
   * An account without costs.
   *
   * @param errors those of the instance, which outlive its process
   */
  ReadAccount(SampleErrors errors) {
    this.errors = errors;
  }

  ReadCosts costs() {
    return costs;
  }

  SampleErrors errors() {
    return errors;
  }

  /** What keeps the process from being read, {@code ""} when nothing does. */
  String problem() {
    return problem;
  }

  /** Whether that is a missing permission. */
  boolean isDenied() {
    return denied;
  }

  /** Notes that it could be read. */
  void good() {
    problem = "";
    denied = false;
  }

  /** Notes why it could not be read. */
  void refused(Outcome<?> outcome) {
    denied = outcome instanceof Outcome.Denied;
    errors.count(denied ? SampleErrors.Reason.DENIED : SampleErrors.Reason.UNABLE);
    problem = outcome.problem();
  }

  /** Notes a fault of the program while it was read. */
  void fault(RuntimeException fault) {
    errors.count(SampleErrors.Reason.UNABLE);
    problem = "cannot be sampled: internal error: " + fault;
  }

  ProcessView.Reading shown(boolean up, @Nullable Instant sampledAt) {
    return new ProcessView.Reading(up, problem, sampledAt, costs.list(), errors.byReason());
  }
}
