package io.leakwatch.sample;

import java.util.Locale;

/** What a process can use up: how much it uses, and how much there is, as signals of a sample. */
public enum Resource {
  /** Memory, as far as its own growth goes; the limit is the tightest of all that apply. */
  MEMORY(Signal.RSS_ANON_BYTES, Signal.LIMIT_BYTES),
  /** Memory of the cgroup nearest to its limit, by whomever in it. */
  CGROUP(Signal.CGROUP_BYTES, Signal.CGROUP_LIMIT_BYTES),
  ADDRESS_SPACE(Signal.ADDRESS_SPACE_BYTES, Signal.ADDRESS_SPACE_LIMIT_BYTES),
  DATA(Signal.DATA_BYTES, Signal.DATA_LIMIT_BYTES),
  MAPPINGS(Signal.MAPPING_COUNT, Signal.MAPPING_LIMIT),
  THREADS(Signal.THREAD_COUNT, Signal.THREAD_LIMIT),
  DESCRIPTORS(Signal.DESCRIPTOR_COUNT, Signal.DESCRIPTOR_LIMIT);

  private final Signal used;
  private final Signal limit;
  private final String wireName = name().toLowerCase(Locale.ROOT);

  Resource(Signal used, Signal limit) {
    this.used = used;
    this.limit = limit;
  }

  public Signal used() {
    return used;
  }

  public Signal limit() {
    return limit;
  }

  /** Whether it is a number of things; else it is bytes. */
  public boolean isCounted() {
    return this == MAPPINGS || this == THREADS || this == DESCRIPTORS;
  }

  /** As labels and JSON call it. */
  public String wireName() {
    return wireName;
  }
}
