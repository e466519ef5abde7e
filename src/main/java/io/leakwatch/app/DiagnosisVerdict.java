package io.leakwatch.app;

import io.leakwatch.config.Configuration;
import io.leakwatch.diagnose.Observations;
import io.leakwatch.diagnose.ShortJudge;
import io.leakwatch.diagnose.Suspect;
import io.leakwatch.diagnose.Verdict;
import io.leakwatch.history.Signal;
import io.leakwatch.proc.Limit;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.Status;
import io.leakwatch.region.RegionKind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The verdict of a diagnosis: what its two looks say of themselves, within what the history of the
 * process says where there is one.
 */
final class DiagnosisVerdict {
  private DiagnosisVerdict() {}

  /**
   * Judges.
   *
   * @param status of the end
   */
  static Verdict of(
      Configuration configuration,
      ProcessFinder.Named process,
      ProcessReader reader,
      Status status,
      DiagnosisLooks looks,
      DiagnosisLooks.Look before,
      DiagnosisLooks.Look after,
      List<Suspect> suspects) {
    Verdict ofLooks =
        ShortJudge.judge(
            new Observations(looks.points()),
            growth(before, after),
            suspects,
            looks.heapUnknown(),
            limits(reader, status, after.seen().layout().mappingCount()));
    return LongRun.of(configuration, process.name(), after.time())
        .map(longRun -> ShortJudge.within(longRun, ofLooks))
        .orElse(ofLooks);
  }

  private static List<Limit> limits(ProcessReader reader, Status status, int mappingCount) {
    return reader.limits(status, mappingCount) instanceof Outcome.Sampled<List<Limit>> known
        ? known.value()
        : List.of();
  }

  private static Map<Signal, Double> growth(DiagnosisLooks.Look before, DiagnosisLooks.Look after) {
    double seconds = Math.max(1e-3, after.seconds() - before.seconds());
    Map<Signal, Double> growth = new EnumMap<>(Signal.class);
    for (RegionKind kind : RegionKind.values()) {
      long grown =
          after.seen().layout().totals(kind).residentBytes()
              - before.seen().layout().totals(kind).residentBytes();
      for (Signal signal : Signal.values()) {
        if (grown != 0 && signal.column().equals(kind.wireName() + "_bytes")) {
          growth.put(signal, grown / seconds);
        }
      }
    }
    return growth;
  }
}
