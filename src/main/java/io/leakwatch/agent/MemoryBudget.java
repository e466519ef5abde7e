package io.leakwatch.agent;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.DiagnosisSettings;
import io.leakwatch.config.SamplingSettings;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.region.RegionMap;
import io.leakwatch.sampling.Sampler;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The heap that the daemon needs, as it follows from the configuration: what it takes without any
 * process, what it keeps of each, and the tables that hold the mappings of the one that is read. A
 * daemon whose heap is smaller does not start, rather than die on the day when the node is full of
 * processes.
 *
 * <p>The figures are bounds that tests hold against the real objects; a live test runs the daemon
 * under the launcher's own heap with as many processes as the defaults allow.
 */
public final class MemoryBudget {
  /** The variable by which the launcher is given the daemon's heap. */
  static final String VARIABLE = "LEAKWATCH_HEAP";

  /** Without a process: 6 MB were seen, of which a scrape at a time is the half. */
  private static final long BASE_BYTES = 8L << 20;

  /** Answers that are being composed or sent. */
  private static final long ANSWER_BYTES = 4L << 20;

  /** The judgement of an instance with what changed about it, without its load. */
  static final long JUDGEMENT_BYTES = 104L << 10;

  /** What a judgement keeps of each figure of load. */
  static final long SERIES_BYTES = 2304;

  /** The last walk of a process, its censuses, its heaps and regions as pictures. */
  static final long LOOKS_BYTES = 52L << 10;

  /** Scratch of classification and of the walk beside the sampler's table and the walker's. */
  private static final long MAPPING_BYTES =
      2L * MappingTable.ROW_BYTES_MAX + 48 + RegionMap.ROW_BYTES;

  /** What a collector of garbage needs to work at ease, as a part of the rest. */
  private static final int SPARE_PART = 7;

  /** What Java takes beside its heap: classes, compiled code, threads, collector. */
  private static final long JAVA_BYTES = 80L << 20;

  private static final long MEBIBYTE = 1L << 20;

  private MemoryBudget() {}

  /** Bytes of heap that a daemon with this configuration needs. */
  static long heapBytes(Configuration configuration) {
    SamplingSettings sampling = configuration.sampling();
    long judgement = JUDGEMENT_BYTES + configuration.load().seriesMax() * SERIES_BYTES;
    long bytes =
        BASE_BYTES
            + ANSWER_BYTES
            + sampling.maxProcesses() * (judgement + LOOKS_BYTES)
            + Sampler.endedMax(sampling.maxProcesses()) * judgement
            + sampling.maxMappings() * MAPPING_BYTES;
    return bytes + bytes / SPARE_PART;
  }

  /** What is needed, in one sentence. */
  public static String sentence(Configuration configuration) {
    SamplingSettings sampling = configuration.sampling();
    return String.format(
        Locale.ROOT,
        "up to %,d processes of up to %,d mappings need a heap of %d MiB",
        sampling.maxProcesses(),
        sampling.maxMappings(),
        mebibytes(configuration));
  }

  private static long mebibytes(Configuration configuration) {
    return (heapBytes(configuration) + MEBIBYTE - 1) / MEBIBYTE;
  }

  /**
   * Why the agent and the child that diagnoses do not fit into a bound on both of them; empty where
   * they do.
   *
   * @param boundBytes of the cgroup that they are in, -1 for none
   */
  static Optional<String> problemInAll(Configuration configuration, long boundBytes) {
    DiagnosisSettings diagnosis = configuration.diagnosis();
    long bytes =
        heapBytes(configuration)
            + JAVA_BYTES
            + (diagnosis.onAlert() ? diagnosis.memoryBytes() + JAVA_BYTES : 0);
    return boundBytes < 0 || boundBytes >= bytes
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "agent and diagnosis may use %d MiB together, but their cgroup is"
                    + " limited to %d MiB: raise MemoryMax= of the unit (systemctl edit"
                    + " leakwatch)",
                bytes / MEBIBYTE,
                boundBytes / MEBIBYTE));
  }

  /**
   * Why a daemon with such a heap cannot have these settings, and what to do; empty where it can.
   *
   * @param heapBytes its greatest heap
   */
  public static Optional<String> problem(Configuration configuration, long heapBytes) {
    return heapBytes >= heapBytes(configuration) - MEBIBYTE
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "%s, but the agent has %d MiB: set %s=%dm in /etc/default/leakwatch,"
                    + " or lower sampling.max-processes or sampling.max-mappings",
                sentence(configuration),
                heapBytes / MEBIBYTE,
                VARIABLE,
                mebibytes(configuration)));
  }

  /**
   * Refuses a configuration that this process' heap is too small for.
   *
   * @throws CommandFailure with one line where this process' heap is too small for a configuration
   */
  public static void refuseWhatDoesNotFit(Configuration configuration) {
    problem(configuration, Runtime.getRuntime().maxMemory())
        .ifPresent(
            problem -> {
              throw CommandFailure.usage(problem);
            });
  }

  /** The heap that the launcher gives the daemon here, empty where no launcher says. */
  public static Optional<Long> launchersHeapBytes(Map<String, String> environment) {
    String text = environment.getOrDefault(VARIABLE, "").toLowerCase(Locale.ROOT);
    if (!text.matches("[0-9]{1,12}[kmg]?")) {
      return Optional.empty();
    }
    int shift =
        switch (text.charAt(text.length() - 1)) {
          case 'k' -> 10;
          case 'm' -> 20;
          case 'g' -> 30;
          default -> 0;
        };
    return Optional.of(Long.parseLong(text.replaceAll("[kmg]", "")) << shift);
  }
}
