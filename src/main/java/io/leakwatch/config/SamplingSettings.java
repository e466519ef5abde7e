package io.leakwatch.config;

import java.time.Duration;

/**
 * How often the daemon reads its targets, how closely, and what that may cost.
 *
 * @param tick the loop's pace: counters of every target, and whether it still runs
 * @param interval between two samples that are kept and judged, where nothing runs out too fast to
 *     wait so long
 * @param discoveryInterval between two searches for new processes
 * @param layoutInterval between two readings of the mappings (maps and page scan, or smaps)
 * @param exactInterval between two full smaps, and between two readings of a configuration file
 * @param walkInterval between two walks through the heaps of a process that does not grow
 * @param growingWalkInterval the same for one that grows
 * @param targetBudget share of wall time that reads of the mappings of one target may take, above
 *     0, 1 at most
 * @param nodeBudget share of wall time that reads of the mappings of all targets may take
 * @param walkBudget share of one core that heap walks may take in all
 * @param maxProcesses most processes that are watched at once
 * @param maxMappings most mappings of a process whose memory is read; of one that has more only the
 *     counters are read
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
    boolean watchSelf) {}
