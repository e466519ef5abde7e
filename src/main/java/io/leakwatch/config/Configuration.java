package io.leakwatch.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigSyntax;
import io.leakwatch.alert.AlertSettings;
import io.leakwatch.alert.SeveritySettings;
import io.leakwatch.export.ExportSettings;
import io.leakwatch.gateway.GatewaySettings;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.history.HistorySettings;
import io.leakwatch.load.ScrapeSettings;
import io.leakwatch.trend.TrendSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be set, as each stage's own settings. A key of {@code reference.conf} is the
 * component's name in kebab case, below {@code leakwatch}.
 *
 * @param targets which processes are watched; the first that matches names a process
 */
public record Configuration(
    List<TargetSettings> targets,
    SamplingSettings sampling,
    HistorySettings history,
    TrendSettings trend,
    SeveritySettings severity,
    AlertSettings alert,
    ExportSettings export,
    GatewaySettings gateway,
    WalkSettings walk,
    ScrapeSettings load,
    DiagnosisSettings diagnosis) {

  static final String ROOT = "leakwatch";

  public Configuration {
    targets = List.copyOf(targets);
  }

  /**
   * Reads a configuration file over the defaults.
   *
   * @param file HOCON; {@code null} for the defaults alone
   * @throws ConfigurationProblem with one line, when anything in it is wrong
   */
  public static Configuration load(@Nullable Path file) throws ConfigurationProblem {
    if (file == null) {
      return over(ConfigFactory.empty(), null);
    }
    if (!Files.isReadable(file)) {
      throw new ConfigurationProblem(
          file + (Files.exists(file) ? ": permission denied" : ": no such file"));
    }
    return over(parse(file), file);
  }

  /**
   * Reads the text of a configuration file over the defaults.
   *
   * @throws ConfigurationProblem with one line, when anything in it is wrong
   */
  public static Configuration of(String text) throws ConfigurationProblem {
    return over(ConfigFactory.parseString(text), null);
  }

  private static Configuration over(Config changes, @Nullable Path file)
      throws ConfigurationProblem {
    Config reference = ConfigFactory.parseResources(Configuration.class, "/reference.conf");
    try {
      return new RecordBinder(reference.resolve())
          .bind(Configuration.class, changes.withFallback(reference).resolve());
    } catch (ConfigException e) {
      throw problem(e, file);
    }
  }

  private static Config parse(Path file) throws ConfigurationProblem {
    try {
      return ConfigFactory.parseFile(
          file.toFile(),
          ConfigParseOptions.defaults().setAllowMissing(false).setSyntax(ConfigSyntax.CONF));
    } catch (ConfigException e) {
      throw problem(e, file);
    } catch (StackOverflowError e) {
      throw new ConfigurationProblem(file + ": nested too deeply");
    }
  }

  private static ConfigurationProblem problem(ConfigException e, @Nullable Path file) {
    ConfigOrigin origin = e.origin();
    String what = ConfigurationProblem.oneLine(String.valueOf(e.getMessage()));
    if (origin == null) {
      return new ConfigurationProblem(file == null ? what : file + ": " + what);
    }
    String prefix = origin.description() + ": ";
    return ConfigurationProblem.at(
        origin, what.startsWith(prefix) ? what.substring(prefix.length()) : what);
  }
}
