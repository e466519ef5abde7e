package io.leakwatch.evaluation.families;

import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.Arrays;

/**
 * A series with known truth, in bytes.
 *
 * @param onset index of the first sample of the leak, -1 in a benign series
 * @param load empty where no load was recorded
 * @param inUse empty where it is not looked at
 * @param incarnation empty where no restart is told
 * @param noiseBytes standard deviation of the level's noise
 * @param noiseSeconds its correlation time
 * @param bytesPerDay rate of the leak
 * @param leaked bytes that have leaked at each time, empty in a benign series
 * @param event index from which a verdict is timed: the onset of a leak, the first step, the begin
 *     of a fill
 */
public record Recording(
    String name,
    String family,
    double[] seconds,
    double[] bytes,
    double[] inUse,
    double[] load,
    int[] incarnation,
    double[] limit,
    int onset,
    double noiseBytes,
    double noiseSeconds,
    double bytesPerDay,
    double[] leaked,
    int event) {

  private static final double BOUND_STEP_SECONDS = 300;

  public boolean benign() {
    return onset < 0;
  }

  public int length() {
    return bytes.length;
  }

  /** Index of the newest sample at a time. */
  int at(double time) {
    int at = Arrays.binarySearch(seconds, time);
    return at >= 0 ? at : Math.max(0, -at - 2);
  }

  /** The samples {@code from} to before {@code to} of a benign series without restarts. */
  Recording part(int from, int to) {
    return new Recording(
        name + "@" + from,
        family,
        Arrays.copyOfRange(seconds, from, to),
        Arrays.copyOfRange(bytes, from, to),
        inUse,
        load.length > 0 ? Arrays.copyOfRange(load, from, to) : load,
        incarnation,
        Arrays.copyOfRange(limit, from, to),
        onset,
        noiseBytes,
        noiseSeconds,
        bytesPerDay,
        leaked,
        0);
  }

  public double days() {
    return bytes.length < 2 ? 0 : (seconds[bytes.length - 1] - seconds[0]) / 86400;
  }

  /**
   * Hours that the detector of this leak which knows noise, rate and onset needs; {@code NaN} where
   * the noise is not known.
   */
  double boundHours() {
    return noiseBytes > 0
        ? Bound.hours(bytesPerDay, noiseBytes, noiseSeconds, BOUND_STEP_SECONDS)
        : Double.NaN;
  }

  /**
   * Whether a detector that knows noise, rate and onset would find this leak: before the series
   * ends or the limit is reached, and within the 14 days that recall counts.
   */
  boolean reachable() {
    double lastsHours = (seconds[length() - 1] - seconds[onset]) / 3600;
    return boundHours() <= Math.min(lastsHours, Alarms.RECALL_SECONDS / 3600);
  }

  Sample sample(int i, boolean withInUse) {
    Sample.Builder sample =
        Sample.at(seconds[i], incarnation.length > 0 ? "" + incarnation[i] : "")
            .set(Signal.RSS_ANON_BYTES, bytes[i])
            .set(Signal.LIMIT_BYTES, limit[i]);
    if (load.length > 0) {
      sample.set(Signal.LOAD, load[i]);
    }
    if (withInUse && inUse.length > 0) {
      sample.set(Signal.IN_USE_BYTES, inUse[i]);
    }
    return sample.build();
  }
}
