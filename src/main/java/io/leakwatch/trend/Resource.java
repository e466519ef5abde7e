package io.leakwatch.trend;

import io.leakwatch.history.Signal;

/** What can run out beside the anonymous working set: a figure and its limit. */
public enum Resource {
  CGROUP("memory of the cgroup", Signal.CGROUP_BYTES, Signal.CGROUP_LIMIT_BYTES, true),
  ADDRESS_SPACE(
      "address space (RLIMIT_AS)",
      Signal.ADDRESS_SPACE_BYTES,
      Signal.ADDRESS_SPACE_LIMIT_BYTES,
      true),
  DATA("data (RLIMIT_DATA)", Signal.DATA_BYTES, Signal.DATA_LIMIT_BYTES, true),
  MAPPINGS("vm.max_map_count", Signal.MAPPING_COUNT, Signal.MAPPING_LIMIT, false),
  THREADS("threads", Signal.THREAD_COUNT, Signal.THREAD_LIMIT, false),
  DESCRIPTORS(
      "open descriptors (RLIMIT_NOFILE)", Signal.DESCRIPTOR_COUNT, Signal.DESCRIPTOR_LIMIT, false);

  private final String title;
  private final Signal used;
  private final Signal limit;
  private final boolean bytes;

  Resource(String title, Signal used, Signal limit, boolean bytes) {
    this.title = title;
    this.used = used;
    this.limit = limit;
    this.bytes = bytes;
  }

  /** How an operator calls its limit. */
  public String title() {
    return title;
  }

  public Signal used() {
    return used;
  }

  public Signal limit() {
    return limit;
  }

  /** Whether it is counted in bytes. */
  public boolean isBytes() {
    return bytes;
  }
}
