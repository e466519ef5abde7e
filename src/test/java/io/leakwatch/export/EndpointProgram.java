package io.leakwatch.export;

import io.leakwatch.alert.Severity;
import io.leakwatch.diagnose.VerdictKind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * The HTTP server in a JVM of its own, because the JDK's server reads its bounds once for each JVM.
 * Prints its port and ends with its standard input.
 */
final class EndpointProgram {
  private EndpointProgram() {}

  public static void main(String[] arguments) throws IOException {
    int connections = Integer.parseInt(arguments[0]);
    Snapshot snapshot =
        new Snapshot(
            Views.NOON, List.of(Views.leaking("curve-mds", Severity.WARNING, VerdictKind.LEAK)));
    try (HttpEndpoint endpoint =
        HttpEndpoint.start(
            new ExportSettings(
                "127.0.0.1:0",
                Path.of(""),
                false,
                connections,
                Duration.ofSeconds(1),
                Duration.ofSeconds(2)),
            new SnapshotAnswers(
                () -> snapshot,
                new Metrics(() -> snapshot, "test", Path.of("/proc")),
                IncidentSource.NONE,
                () -> true))) {
      System.out.println("port " + endpoint.port());
      int c;
      do {
        c = System.in.read();
      } while (c >= 0);
    }
  }
}
