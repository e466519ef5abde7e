package io.leakwatch.verdict;

import io.leakwatch.proc.limits.Limit;
import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.text.Quantity;
import io.leakwatch.trend.Growth;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How an operator calls what can run out. */
final class Resources {
  private static final String ADDRESS_SPACE = "RLIMIT_AS";
  private static final String DATA = "RLIMIT_DATA";

  private Resources() {}

  /**
   * What a limit bounds. A cgroup's is {@link Resource#CGROUP} where the sample tells of that one;
   * what bounds memory otherwise is met by the growth of the process alone.
   */
  static Resource of(Limit limit, Sample sample) {
    return switch (limit.unit()) {
      case MAPPINGS -> Resource.MAPPINGS;
      case THREADS -> Resource.THREADS;
      case DESCRIPTORS -> Resource.DESCRIPTORS;
      case BYTES -> ofBytes(limit, sample);
    };
  }

  private static Resource ofBytes(Limit limit, Sample sample) {
    return switch (limit.name()) {
      case ADDRESS_SPACE -> Resource.ADDRESS_SPACE;
      case DATA -> Resource.DATA;
      default ->
          limit.limit() == sample.get(Signal.CGROUP_LIMIT_BYTES)
                  && limit.used() == sample.get(Signal.CGROUP_BYTES)
              ? Resource.CGROUP
              : Resource.MEMORY;
    };
  }

  /** The limit of a resource among those that apply. */
  static Optional<Limit> limit(Resource resource, List<Limit> limits, Sample sample) {
    return limits.stream().filter(limit -> of(limit, sample) == resource).findFirst();
  }

  /** The name of its limit, where no more is known of it. */
  static String limitName(Resource resource) {
    return switch (resource) {
      case MEMORY -> "memory limit";
      case CGROUP -> "the cgroup's memory limit";
      case ADDRESS_SPACE -> ADDRESS_SPACE;
      case DATA -> DATA;
      case MAPPINGS -> "vm.max_map_count";
      case THREADS -> "the thread limit";
      case DESCRIPTORS -> "RLIMIT_NOFILE";
    };
  }

  /** What it is called in a sentence. */
  static String noun(Resource resource) {
    return switch (resource) {
      case MEMORY -> "memory";
      case CGROUP -> "memory of the cgroup";
      case ADDRESS_SPACE -> "address space";
      case DATA -> "private writable memory";
      case MAPPINGS -> "mappings";
      case THREADS -> "threads";
      case DESCRIPTORS -> "descriptors";
    };
  }

  /** An amount of it. */
  static String amount(Resource resource, double value) {
    return resource.isCounted() ? String.format(Locale.ROOT, "%.0f", value) : Quantity.size(value);
  }

  /** {@code +500/s}, {@code +3.1 MiB/s (±0.1)}. */
  static String rate(Resource resource, Growth.Rate rate) {
    return resource.isCounted()
        ? Quantity.countRate(rate.bytesPerSecond())
        : Quantity.rate(rate.bytesPerSecond(), rate.errorBytesPerSecond());
  }
}
