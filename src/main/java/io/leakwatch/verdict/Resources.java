package io.leakwatch.verdict;

import io.leakwatch.sample.Resource;
import io.leakwatch.text.Quantity;
import java.util.Locale;

/** How an operator calls what can run out. */
final class Resources {
  private Resources() {}

  /** The name of its limit. */
  static String limitName(Resource resource) {
    return switch (resource) {
      case MEMORY -> "memory limit";
      case CGROUP -> "the cgroup's memory limit";
      case ADDRESS_SPACE -> "RLIMIT_AS";
      case DATA -> "RLIMIT_DATA";
      case MAPPINGS -> "vm.max_map_count";
      case THREADS -> "the thread limit";
      case DESCRIPTORS -> "RLIMIT_NOFILE";
    };
  }

  /** An amount of it, in its unit. */
  static String amount(Resource resource, double value) {
    String count = String.format(Locale.ROOT, "%.0f", value);
    return switch (resource) {
      case MEMORY, CGROUP, ADDRESS_SPACE, DATA -> Quantity.size(value);
      case MAPPINGS -> count + " mappings";
      case THREADS -> count + " threads";
      case DESCRIPTORS -> count + " descriptors";
    };
  }
}
