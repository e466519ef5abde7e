package io.leakwatch.sampling;

import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Sample;
import java.util.EnumMap;
import java.util.Map;

/**
 * Whether a process uses something up so fast that its next sample should not be waited for: all
 * mappings of a process can go within half a minute.
 *
 * <p>It is so when, since the last sample, more than a quarter of what was left then has gone, and
 * no less than a 64th of all there is. So what runs out steadily is sampled a few times more before
 * its end, at the pace of the counters, and what merely stands near its limit is not.
 */
final class Urgency {
  private static final double LEFT_SHARE = 0.25;
  private static final double WHOLE_SHARE = 1 / 64.0;

  private final Map<Resource, Level> last = new EnumMap<>(Resource.class);

  private record Level(double used, double limit) {}

  /** A sample was taken. A resource that it does not tell of is as it was last seen. */
  void sampled(Sample sample) {
    for (Resource resource : Resource.values()) {
      if (sample.has(resource.used()) && sample.has(resource.limit())) {
        last.put(resource, new Level(sample.get(resource.used()), sample.get(resource.limit())));
      }
    }
  }

  /**
   * Whether the next sample should be taken now.
   *
   * @param used in the resource's unit; 0 or less when unknown
   */
  boolean isUrgent(Resource resource, long used) {
    Level level = last.get(resource);
    return level != null
        && used - level.used() > LEFT_SHARE * (level.limit() - level.used())
        && used - level.used() >= WHOLE_SHARE * level.limit();
  }
}
