package io.leakwatch.sampling;

import io.leakwatch.export.ProcessView;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.limits.Limit;
import io.leakwatch.proc.limits.Limits;
import java.util.List;

/**
 * What is known of a watched process beside its memory.
 *
 * @param name unique on the node
 * @param limitBytes the configured bound on its anonymous memory, 0 for none
 * @param statedBytes what its command line says it will fill, 0 where it says nothing
 * @param buildId GNU build id of its executable, {@code ""} when unknown
 */
record Instance(String name, ProcessInfo info, long limitBytes, long statedBytes, String buildId) {

  ProcessView.Identity shown() {
    return new ProcessView.Identity(
        name,
        info.id().pid(),
        new ProcessView.Place(info.place().container(), info.place().innerPid()),
        info.program().exe(),
        buildId,
        info.startTime(),
        String.join(" ", info.program().commandLine()));
  }

  /**
   * The bounds that forecasts are made for, the configured one among them.
   *
   * @param anonymousBytes of the process now
   */
  List<Limit> bounds(Limits known, double anonymousBytes) {
    List<Limit> limits = known.forecast();
    if (limitBytes > 0) {
      limits.add(
          new Limit(
              "configured limit-bytes", Limit.Unit.BYTES, limitBytes, Math.round(anonymousBytes)));
    }
    return limits;
  }
}
