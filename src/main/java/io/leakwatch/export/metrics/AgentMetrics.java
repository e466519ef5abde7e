package io.leakwatch.export.metrics;

import static io.leakwatch.export.metrics.MetricFamily.Type.COUNTER;
import static io.leakwatch.export.metrics.MetricFamily.Type.GAUGE;
import static io.leakwatch.export.metrics.MetricFamily.Type.INFO;

import io.leakwatch.export.AgentView;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The metric families of the agent itself, with the names that every Prometheus exporter uses. */
final class AgentMetrics {
  private AgentMetrics() {}

  static List<MetricFamily> families(String version, Path procRoot) {
    OwnProcess self = new OwnProcess(procRoot);
    return List.of(
        MetricFamily.of(
            "leakwatch_build",
            INFO,
            "Version of the running agent.",
            (snapshot, to) -> to.add(1, version, System.getProperty("java.version", "")),
            "version",
            "java"),
        MetricFamily.of(
            "leakwatch_last_round_timestamp_seconds",
            GAUGE,
            "Unix time at which the last finished sampling round began; stands still"
                + " while sampling is stuck.",
            (snapshot, to) ->
                to.add(
                    snapshot.isPublished() ? snapshot.takenAt().toEpochMilli() / 1e3 : Double.NaN)),
        counter("leakwatch_rounds", "Finished sampling rounds.", AgentView::rounds),
        MetricFamily.of(
            "leakwatch_processes",
            GAUGE,
            "Watched processes.",
            (snapshot, to) -> to.add(snapshot.processes().size())),
        gauge(
            "leakwatch_read_budget_ratio",
            "Share of wall time that reading the mappings of all processes may take;"
                + " heap walks have their own budget.",
            agent -> agent.budget().ratio()),
        gauge(
            "leakwatch_read_used_ratio",
            "Share of wall time that reading the mappings of all processes took in"
                + " the last 5 min; absent in the first 5 min.",
            agent -> agent.budget().usedRatio()),
        gauge(
            "leakwatch_config_last_reload_successful",
            "1 if the last reload of the configuration was accepted, otherwise 0.",
            agent -> agent.configurationGood() ? 1 : 0),
        gauge(
            "leakwatch_history_size_bytes",
            "Size of the history on disk, including its write-ahead log.",
            AgentView::historyBytes),
        counter(
            "leakwatch_incidents",
            "Times that an alert began to fire for a process.",
            agent -> agent.incidents().begun()),
        counter(
            "leakwatch_diagnoses",
            "Diagnoses of alerting processes that completed.",
            agent -> agent.incidents().diagnosed()),
        counter(
            "leakwatch_diagnoses_failed",
            "Diagnoses of alerting processes that failed, could not start or timed out.",
            agent -> agent.incidents().failed()),
        MetricFamily.of(
            "leakwatch_dropped",
            COUNTER,
            "Times that a limit dropped or delayed something: processes not watched,"
                + " mapping reads delayed, samples and evidence of incidents lost, alerts"
                + " and webhook events not sent, HTTP answers refused.",
            (snapshot, to) ->
                snapshot.agent().dropped().forEach((bound, count) -> to.add(count, bound)),
            "bound"),
        MetricFamily.of(
            "leakwatch_notifications",
            COUNTER,
            "Notifications that a sink accepted.",
            (snapshot, to) ->
                snapshot.agent().sinks().forEach(sink -> to.add(sink.delivered(), sink.sink())),
            "sink"),
        MetricFamily.of(
            "leakwatch_notifications_failed",
            COUNTER,
            "Notifications that a sink did not accept.",
            (snapshot, to) ->
                snapshot.agent().sinks().forEach(sink -> to.add(sink.failed(), sink.sink())),
            "sink"),
        MetricFamily.of(
            "process_cpu_seconds",
            COUNTER,
            "Total user and system CPU time spent in seconds.",
            (snapshot, to) -> to.add(self.cpuSeconds())),
        MetricFamily.of(
            "process_open_fds",
            GAUGE,
            "Number of open file descriptors.",
            (snapshot, to) -> to.add(self.openDescriptors())),
        MetricFamily.of(
            "process_max_fds",
            GAUGE,
            "Maximum number of open file descriptors.",
            (snapshot, to) -> to.add(self.maxDescriptors())),
        MetricFamily.of(
            "process_start_time_seconds",
            GAUGE,
            "Start time of the process since unix epoch in seconds.",
            (snapshot, to) -> to.add(ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3)),
        MetricFamily.of(
            "process_resident_memory_bytes",
            GAUGE,
            "Resident memory size in bytes.",
            (snapshot, to) -> to.add(self.residentBytes())));
  }

  private static MetricFamily gauge(String name, String help, ToDoubleFunction<AgentView> value) {
    return MetricFamily.of(
        name, GAUGE, help, (snapshot, to) -> to.add(value.applyAsDouble(snapshot.agent())));
  }

  private static MetricFamily counter(String name, String help, ToDoubleFunction<AgentView> value) {
    return MetricFamily.of(
        name, COUNTER, help, (snapshot, to) -> to.add(value.applyAsDouble(snapshot.agent())));
  }
}
