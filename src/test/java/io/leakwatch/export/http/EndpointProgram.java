package io.leakwatch.export.http;

import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.export.api.Api;
import io.leakwatch.export.api.SnapshotAnswers;
import io.leakwatch.export.metrics.Metrics;
import io.leakwatch.harness.CTarget;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The HTTP server in a JVM of its own, because the JDK's server reads its bounds once for each JVM.
 * Prints its port and ends with its standard input. Arguments: connections, the web.config.file
 * ({@code ""} for none) and the number of processes. A request has a second where there are only
 * connections, else 20.
 */
final class EndpointProgram {
  private EndpointProgram() {}

  /** Starts it; its first line is {@code port} and the port. */
  static CTarget start(String... arguments) {
    return start(List.of("-Xmx64m"), arguments);
  }

  /** Starts it in a JVM with these flags. */
  static CTarget start(List<String> flags, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("-cp");
    command.add(
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
    command.add(EndpointProgram.class.getName());
    command.addAll(List.of(arguments));
    return CTarget.launch(Map.of(), command);
  }

  public static void main(String[] arguments) throws IOException {
    int connections = Integer.parseInt(arguments[0]);
    Path webConfig = Path.of(arguments.length > 1 ? arguments[1] : "");
    int processes = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 1;
    Snapshot snapshot =
        processes == 1
            ? new Snapshot(
                Views.NOON, List.of(Views.leaking("curve-mds", Severity.WARNING, VerdictKind.LEAK)))
            : Views.many(processes);
    try (HttpEndpoint endpoint =
        HttpEndpoint.start(
            Defaults.export(
                webConfig,
                "max-connections = %d, request-timeout = %ds, idle-timeout = 2s"
                    .formatted(connections, arguments.length > 1 ? 20 : 1)),
            new SnapshotAnswers(
                () -> snapshot,
                new Metrics(() -> snapshot, "test", Path.of("/proc")),
                Api.Sources.NONE,
                () -> true))) {
      System.out.println("port " + endpoint.port());
      int c;
      do {
        c = System.in.read();
      } while (c >= 0);
    }
  }
}
