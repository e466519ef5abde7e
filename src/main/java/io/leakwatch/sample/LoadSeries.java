package io.leakwatch.sample;

import java.util.Locale;
import java.util.Optional;

/**
 * One figure of a process' work, by the name that the configuration asks for it, e.g. {@code
 * iobuf_block_memory} or {@code rpc_server_*_count}. In CSV it is the column {@code load.NAME},
 * {@code load.gauge.NAME} or {@code load.counter.NAME}.
 *
 * @param kind what the endpoint declares it to be
 */
public record LoadSeries(String name, Kind kind) implements Comparable<LoadSeries> {
  /** Longer names are no names. */
  public static final int NAME_CHARS_MAX = 128;

  /** Series that one sample may carry; further ones are left out. */
  public static final int PER_SAMPLE_MAX = 32;

  private static final String PREFIX = "load.";
  private static final String GAUGE = "gauge.";
  private static final String COUNTER = "counter.";

  /** What a figure is. */
  public enum Kind {
    /** The endpoint does not tell, as brpc's do not: the figures themselves must. */
    UNDECLARED,
    /** A state, which rises and falls. */
    GAUGE,
    /** A sum since the start of the process. */
    COUNTER
  }

  public LoadSeries {
    if (name.isBlank() || name.length() > NAME_CHARS_MAX) {
      throw new IllegalArgumentException("a series needs a name of at most 128 characters");
    }
  }

  /** Its name in CSV and in the history file. */
  public String column() {
    return switch (kind) {
      case UNDECLARED -> PREFIX + name;
      case GAUGE -> PREFIX + GAUGE + name;
      case COUNTER -> PREFIX + COUNTER + name;
    };
  }

  /** The series that a column holds; empty when it holds none. */
  public static Optional<LoadSeries> ofColumn(String column) {
    if (!column.toLowerCase(Locale.ROOT).startsWith(PREFIX)) {
      return Optional.empty();
    }
    String name = column.substring(PREFIX.length());
    Kind kind = Kind.UNDECLARED;
    if (name.startsWith(GAUGE)) {
      kind = Kind.GAUGE;
      name = name.substring(GAUGE.length());
    } else if (name.startsWith(COUNTER)) {
      kind = Kind.COUNTER;
      name = name.substring(COUNTER.length());
    }
    return name.isBlank() || name.length() > NAME_CHARS_MAX
        ? Optional.empty()
        : Optional.of(new LoadSeries(name, kind));
  }

  @Override
  public int compareTo(LoadSeries other) {
    return column().compareTo(other.column());
  }
}
