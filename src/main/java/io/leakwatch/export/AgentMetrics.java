package io.leakwatch.export;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Map;

/** The metric families of the agent itself, with the names that every Prometheus exporter uses. */
final class AgentMetrics {
  private final String version;
  private final OwnProcess self;

  AgentMetrics(String version, Path procRoot) {
    this.version = version;
    this.self = new OwnProcess(procRoot);
  }

  void add(Families families, Snapshot snapshot) {
    families.info("leakwatch_build", "The running agent.", "version", version, "java", javaName());
    AgentView agent = snapshot.agent();
    if (snapshot.takenAt().getEpochSecond() > 0) {
      families.gauge(
          "leakwatch_last_round_timestamp_seconds",
          "When the last finished sampling round began, Unix time: stands still when sampling is"
              + " stuck.",
          snapshot.takenAt().toEpochMilli() / 1e3);
    }
    families.counter("leakwatch_rounds", "Sampling rounds finished.", agent.rounds());
    families.gauge("leakwatch_processes", "Processes watched.", snapshot.processes().size());
    families.gauge(
        "leakwatch_read_budget_ratio",
        "Share of wall time that looks at the mappings of all processes may take; heap walks have a"
            + " budget of their own.",
        agent.budgetRatio());
    families.gauge(
        "leakwatch_read_used_ratio",
        "Share of wall time that looks at the mappings of all processes took in the last five"
            + " minutes; absent in the first five.",
        agent.usedRatio());
    families.gauge(
        "leakwatch_config_last_reload_successful",
        "Whether the last reload of the configuration was accepted.",
        agent.configurationGood() ? 1 : 0);
    families.gauge(
        "leakwatch_history_size_bytes",
        "Size of the history on disk, its write-ahead log included.",
        agent.historyBytes());
    families.counter(
        "leakwatch_incidents", "Times that a process began to alarm.", agent.incidents().begun());
    families.counter(
        "leakwatch_diagnoses",
        "Heavy looks at alarming processes that found what there was.",
        agent.incidents().diagnosed());
    families.counter(
        "leakwatch_diagnoses_failed",
        "Heavy looks at alarming processes that could not be taken, or were given up.",
        agent.incidents().failed());
    for (Map.Entry<String, Long> dropped : agent.dropped().entrySet()) {
      families.counter(
          "leakwatch_dropped",
          "Times that a bound cut something off: processes that found no room at a search, looks at"
              + " mappings that waited for their budget, samples that were lost.",
          dropped.getValue(),
          "bound",
          dropped.getKey());
    }
    for (AgentView.SinkCount sink : agent.sinks()) {
      families.counter(
          "leakwatch_notifications",
          "Times that a sink was told of alerts.",
          sink.delivered(),
          "sink",
          sink.sink());
      families.counter(
          "leakwatch_notifications_failed",
          "Times that a sink could not be told of alerts.",
          sink.failed(),
          "sink",
          sink.sink());
    }
    addProcess(families);
  }

  private void addProcess(Families families) {
    families.counter(
        "process_cpu_seconds",
        "Total user and system CPU time spent in seconds.",
        self.cpuSeconds());
    families.gauge("process_open_fds", "Number of open file descriptors.", self.openDescriptors());
    families.gauge(
        "process_max_fds", "Maximum number of open file descriptors.", self.maxDescriptors());
    families.gauge(
        "process_start_time_seconds",
        "Start time of the process since unix epoch in seconds.",
        ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3);
    families.gauge(
        "process_resident_memory_bytes", "Resident memory size in bytes.", self.residentBytes());
  }

  private static String javaName() {
    return System.getProperty("java.version", "");
  }
}
