package io.leakwatch.config;

import java.time.Duration;
import java.util.List;

/**
 * How often the daemon looks at its targets, how closely, and what that may cost.
 *
 * @param tick the loop's pace: counters of every target, and whether it still lives
 * @param interval between two samples that are kept and judged
 * @param discoveryInterval between two searches for new processes
 * @param layoutInterval between two looks at the mappings (maps and page scan, or smaps)
 * @param exactInterval between two full smaps
 * @param walkInterval between two walks through the heaps of a process that does not grow
 * @param growingWalkInterval the same for one that grows
 * @param targetBudget share of wall time that reading one target may take, 0 to 1
 * @param nodeBudget share of wall time that reading all targets may take, 0 to 1
 * @param walkBudget share of one core that heap walks may take in all, 0 to 1
 * @param maxProcesses most processes that are watched at once
 * @param maxMappings most mappings of a process whose memory is looked at; of one that has more
 *     only the counters are read
 * @param watchSelf whether the agent watches itself as the process {@code leakwatch}
 */
public record SamplingSettings(
    Duration tick,
    Duration interval,
    Duration discoveryInterval,
    Duration layoutInterval,
    Duration exactInterval,
    Duration walkInterval,
    Duration growingWalkInterval,
    double targetBudget,
    double nodeBudget,
    double walkBudget,
    int maxProcesses,
    int maxMappings,
    boolean watchSelf) {

  public SamplingSettings {
    for (Duration pace :
        List.of(
            tick,
            interval,
            discoveryInterval,
            layoutInterval,
            exactInterval,
            walkInterval,
            growingWalkInterval)) {
      if (pace.isZero()) {
        throw new IllegalArgumentException(
            "tick, interval, discovery, layout, exact and walk intervals must be longer than 0");
      }
    }
    if (maxProcesses == 0 || maxMappings == 0) {
      throw new IllegalArgumentException("max-processes and max-mappings must be more than 0");
    }
  }

  public static final SamplingSettings DEFAULTS =
      new SamplingSettings(
          Duration.ofSeconds(5),
          Duration.ofMinutes(1),
          Duration.ofSeconds(10),
          Duration.ofMinutes(1),
          Duration.ofMinutes(15),
          Duration.ofMinutes(30),
          Duration.ofMinutes(2),
          0.001,
          0.01,
          0.02,
          256,
          1 << 16,
          true);
}
