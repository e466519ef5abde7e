package io.leakwatch.sampling.load;

import io.leakwatch.load.MemorySeries;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.ArrayList;
import java.util.List;

/**
 * What a brpc server has said of its own past memory.
 *
 * @param answeredSeconds when, seconds since 1970
 * @param uptimeSeconds for how long its counting had gone on, {@code NaN} where it did not say
 */
public record RememberedMemory(MemorySeries series, double answeredSeconds, double uptimeSeconds) {
  /** Of the start in two clocks, the kernel's and the program's. */
  private static final double START_TOLERANCE_SECONDS = 60;

  /** How far the answer may be from what the kernel says within a minute or two. */
  private static final double LEVEL_TOLERANCE = 0.2;

  private static final double LEVEL_TOLERANCE_BYTES = 64 << 20;

  /**
   * The samples that a process would have given before one that was taken of it.
   *
   * <p>The server counts all that is resident, the agent judges what is anonymous: what is resident
   * and not anonymous now, files and shared memory, is taken off, for it hardly changes while a
   * program runs, and so the level does not step where one goes over into the other. The resident
   * figure stays beside it. Where the kernel does not tell both (before Linux 4.5) nothing can be
   * said.
   *
   * @param live a sample of now
   * @return none where the answer is not that of this process: of a life that is older than its, or
   *     of another size
   */
  public List<Sample> samples(ProcessInfo info, Sample live) {
    double processStart = info.startTime().toEpochMilli() / 1e3;
    double start = Double.isNaN(uptimeSeconds) ? processStart : answeredSeconds - uptimeSeconds;
    double resident = live.get(Signal.RSS_BYTES);
    double other = resident - live.get(Signal.RSS_ANON_BYTES);
    if (Double.isNaN(other)
        || start < processStart - START_TOLERANCE_SECONDS
        || !(Math.abs(series.newestBytes() - resident)
            <= LEVEL_TOLERANCE * resident + LEVEL_TOLERANCE_BYTES)) {
      return List.of();
    }
    String incarnation = info.id().incarnation();
    List<Sample> samples = new ArrayList<>();
    for (MemorySeries.Point point : series.points(answeredSeconds, Math.max(start, processStart))) {
      samples.add(
          Sample.at(point.timeSeconds(), incarnation)
              .set(Signal.RSS_BYTES, point.bytes())
              .set(Signal.RSS_ANON_BYTES, Math.max(0, point.bytes() - other))
              .build());
    }
    return samples;
  }
}
