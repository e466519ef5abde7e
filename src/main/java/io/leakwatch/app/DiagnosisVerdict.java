package io.leakwatch.app;

import io.leakwatch.diagnose.Observations;
import io.leakwatch.diagnose.ShortJudge;
import io.leakwatch.diagnose.Suspect;
import io.leakwatch.diagnose.Verdict;
import io.leakwatch.history.Signal;
import io.leakwatch.proc.Limit;
import io.leakwatch.proc.Limits;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.Status;
import io.leakwatch.region.RegionKind;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What the two looks of a diagnosis say by themselves. */
final class DiagnosisVerdict {
  private DiagnosisVerdict() {}

  /**
   * Judges.
   *
   * @param status of the end
   */
  static Verdict of(
      ProcessReader reader,
      Status status,
      DiagnosisLooks looks,
      DiagnosisLooks.Look before,
      DiagnosisLooks.Look after,
      List<Suspect> suspects) {
    return ShortJudge.judge(
        new Observations(looks.points()),
        growth(before, after),
        suspects,
        looks.heapUnknown(),
        limits(reader, status, after.seen().layout().mappingCount()));
  }

  private static List<Limit> limits(ProcessReader reader, Status status, int mappingCount) {
    return reader.limits(status, mappingCount) instanceof Outcome.Sampled<Limits> known
        ? known.value().ofMemory()
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
