package io.leakwatch.diagnosis;

import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.limits.Limit;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.sample.Signal;
import io.leakwatch.verdict.Churn;
import io.leakwatch.verdict.Observations;
import io.leakwatch.verdict.ShortJudge;
import io.leakwatch.verdict.Suspect;
import io.leakwatch.verdict.Verdict;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What the two readings of a diagnosis say by themselves. */
final class DiagnosisVerdict {
  private DiagnosisVerdict() {}

  /**
   * Judges.
   *
   * @param status of the end
   * @param churn of its allocations
   */
  static Verdict of(
      ProcessReader reader,
      Status status,
      DiagnosisSampler sampler,
      Churn churn,
      DiagnosisSampler.Reading before,
      DiagnosisSampler.Reading after,
      List<Suspect> suspects) {
    return ShortJudge.judge(
        new Observations(sampler.points(), sampler.afterwards(), churn),
        growth(before, after),
        suspects,
        sampler.heapUnknown(),
        limits(reader, status, after.seen().layout().mappingCount()));
  }

  private static List<Limit> limits(ProcessReader reader, Status status, int mappingCount) {
    return reader.limits(status, mappingCount) instanceof Outcome.Sampled<Limits> known
        ? known.value().ofMemory()
        : List.of();
  }

  private static Map<Signal, Double> growth(
      DiagnosisSampler.Reading before, DiagnosisSampler.Reading after) {
    double seconds = Math.max(1e-3, after.seconds() - before.seconds());
    Map<Signal, Double> growth = new EnumMap<>(Signal.class);
    for (RegionKind kind : RegionKind.values()) {
      long grown =
          after.seen().layout().totals(kind).residentBytes()
              - before.seen().layout().totals(kind).residentBytes();
      if (grown != 0) {
        Signal.of(kind).ifPresent(signal -> growth.put(signal, grown / seconds));
      }
    }
    return growth;
  }
}
