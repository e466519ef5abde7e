package io.leakwatch.evaluation;

import io.leakwatch.history.Sample;
import io.leakwatch.history.Signal;

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
 */
record Recording(
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
    double bytesPerDay) {

  boolean benign() {
    return onset < 0;
  }

  int length() {
    return bytes.length;
  }

  double days() {
    return bytes.length < 2 ? 0 : (seconds[bytes.length - 1] - seconds[0]) / 86400;
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
