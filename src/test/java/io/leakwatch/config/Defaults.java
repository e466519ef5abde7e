package io.leakwatch.config;

import io.leakwatch.alert.AlertSettings;
import io.leakwatch.alert.SeveritySettings;
import io.leakwatch.export.ExportSettings;
import io.leakwatch.gateway.GatewaySettings;
import io.leakwatch.heap.content.ContentSettings;
import io.leakwatch.heap.holders.HolderSettings;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.history.HistorySettings;
import io.leakwatch.load.ScrapeSettings;
import io.leakwatch.trend.TrendSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/** The settings of {@code reference.conf}, for tests of rooms that do not know where they are. */
public final class Defaults {
  private static final Configuration ALL = with("");

  public static final SamplingSettings SAMPLING = ALL.sampling();
  public static final HistorySettings HISTORY = ALL.history();
  public static final TrendSettings TREND = ALL.trend();
  public static final SeveritySettings SEVERITY = ALL.severity();
  public static final AlertSettings ALERT = ALL.alert();
  public static final ExportSettings EXPORT = ALL.export();
  public static final GatewaySettings GATEWAY = ALL.gateway();
  public static final WalkSettings WALK = ALL.walk();
  public static final ScrapeSettings LOAD = ALL.load();
  public static final DiagnosisSettings DIAGNOSIS = ALL.diagnosis();
  public static final ContentSettings CONTENT = DIAGNOSIS.content();
  public static final HolderSettings HOLDERS = DIAGNOSIS.holders();

  /** Seconds instead of days: a quarter of a second for an hour. */
  private static final Configuration FAST =
      with(
          """
          trend { hour = 250ms, minimum-limit-share = 0 }
          severity {
            critical-exhaustion = 12s
            warning-exhaustion = 36s
            horizon = 12h
            clear-after = 2s
            absence = 2s
          }
          """);

  public static final TrendSettings FAST_TREND = FAST.trend();
  public static final SeveritySettings FAST_SEVERITY = FAST.severity();

  private Defaults() {}

  /** A history in a file. */
  public static HistorySettings history(Path file) {
    return history(file, "");
  }

  /**
   * A history in a file.
   *
   * @param changes as a configuration file has them in its section
   */
  public static HistorySettings history(Path file, String changes) {
    return with("history { path = \"" + file + "\"\n" + changes + "\n}").history();
  }

  /**
   * A port of the loopback that is free.
   *
   * @param webConfig users and certificate, an empty path for none
   * @param changes as a configuration file has them in its section
   */
  public static ExportSettings export(Path webConfig, String changes) {
    return with("""
            export {
              listen-address = "127.0.0.1:0"
              web-config-file = "%s"
              %s
            }
            """
            .formatted(webConfig, changes))
        .export();
  }

  /**
   * Alerts to those addresses.
   *
   * @param changes as a configuration file has them in its section
   */
  public static AlertSettings alert(List<URI> alertmanagers, List<URI> webhooks, String changes) {
    return with("alert { alertmanagers = %s, webhooks = %s\n%s }"
            .formatted(quoted(alertmanagers), quoted(webhooks), changes))
        .alert();
  }

  private static List<String> quoted(List<URI> addresses) {
    return addresses.stream().map(address -> '"' + address.toString() + '"').toList();
  }

  /**
   * Sockets of a gateway in a directory.
   *
   * @param changes as a configuration file has them in its section
   */
  public static GatewaySettings gateway(Path directory, String changes) {
    return with("gateway { agent-socket = \"%s/agent\", outlet-socket = \"%s/outlet\"\n%s }"
            .formatted(directory, directory, changes))
        .gateway();
  }

  /**
   * Everything with some changes.
   *
   * @param changes as a configuration file has them below {@code leakwatch}
   */
  public static Configuration with(String changes) {
    try {
      return Configuration.of("leakwatch {\n" + changes + "\n}");
    } catch (ConfigurationProblem e) {
      throw new IllegalArgumentException(e);
    }
  }
}
