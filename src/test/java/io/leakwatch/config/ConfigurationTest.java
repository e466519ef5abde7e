package io.leakwatch.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import io.leakwatch.load.LoadSettings;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigurationTest {
  private static final Path FILES = Path.of("src", "test", "resources", "config");
  private static final String EXPECT = "# expect: ";

  @TempDir Path directory;

  @Test
  void theTargetsOfCurveShouldBeAskedForTheirLoad() throws ConfigurationProblem {
    for (TargetSettings target : Configuration.load(null).targets()) {
      assertEquals(new LoadSettings(Optional.empty(), List.of()), target.load().orElseThrow());
    }
  }

  @Test
  void everyKeyIsAComponentAndEveryComponentAKey() {
    Config reference = ConfigFactory.parseResources(Configuration.class, "/reference.conf");
    Set<String> keys = new TreeSet<>();
    keys("", reference.getObject("leakwatch"), keys);
    Set<String> components = new TreeSet<>();
    components("", Configuration.class, components);
    assertEquals(components, keys);
    assertTrue(keys.size() > 50);
  }

  private static void keys(String prefix, ConfigObject object, Set<String> keys) {
    object.forEach(
        (key, value) -> {
          if (value instanceof ConfigObject section) {
            keys(prefix + key + ".", section, keys);
          } else {
            keys.add(prefix + key);
          }
        });
  }

  private static void components(String prefix, Class<?> type, Set<String> components) {
    for (RecordComponent component : type.getRecordComponents()) {
      String key = prefix + RecordBinder.kebab(component.getName());
      if (component.getType().isRecord()) {
        components(key + ".", component.getType(), components);
      } else {
        components.add(key);
      }
    }
  }

  @Test
  void everyKeyIsExplained() throws IOException {
    String above = "";
    for (String line : Files.readAllLines(Path.of("src/main/resources/reference.conf"))) {
      if (line.matches(" {2,4}[a-z][a-z-]* (=|\\{).*")) {
        assertTrue(above.strip().startsWith("#"), line);
      }
      above = line;
    }
  }

  static Stream<Arguments> numbers() throws IOException {
    List<String> lines = Files.readAllLines(Path.of("src/main/resources/reference.conf"));
    ConfigObject root =
        ConfigFactory.parseResources(Configuration.class, "/reference.conf")
            .getObject(Configuration.ROOT);
    return numbers("", root, lines).stream();
  }

  private static List<Arguments> numbers(String prefix, ConfigObject object, List<String> lines) {
    List<Arguments> found = new ArrayList<>();
    object.forEach(
        (key, value) -> {
          if (value instanceof ConfigObject section) {
            found.addAll(numbers(prefix + key + ".", section, lines));
          } else if (String.valueOf(value.unwrapped()).matches("[0-9].*")) {
            found.add(Arguments.of(prefix + key, comment(value.origin().lineNumber(), lines)));
          }
        });
    return found;
  }

  /** What is said above a line, or above a line next to it. */
  private static String comment(int line, List<String> lines) {
    int at = line - 2;
    while (!lines.get(at).strip().startsWith("#")) {
      at--;
    }
    StringBuilder text = new StringBuilder();
    for (; lines.get(at).strip().startsWith("#"); at--) {
      text.insert(0, lines.get(at).strip().substring(1));
    }
    return text.toString();
  }

  @ParameterizedTest
  @MethodSource("numbers")
  void zeroIsRefusedOrMeansWhatTheCommentSays(String key, String comment) throws IOException {
    Path file = Files.writeString(directory.resolve("zero.conf"), "leakwatch." + key + " = 0\n");
    try {
      Configuration.load(file);
      assertTrue(
          comment.matches(".*\\b0\\b.*"), () -> key + " may be 0, which means what?" + comment);
    } catch (ConfigurationProblem e) {
      assertEquals(file + ":1: `" + key + "` must be more than 0", e.getMessage());
      assertFalse(comment.matches(".*\\b0:.*"), comment);
    }
  }

  static Stream<Path> good() throws IOException {
    return files(".good.conf");
  }

  static Stream<Path> bad() throws IOException {
    return files(".bad.conf");
  }

  private static Stream<Path> files(String ending) throws IOException {
    try (Stream<Path> files = Files.list(FILES)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("good")
  void acceptsGoodFiles(Path file) throws ConfigurationProblem {
    assertFalse(Configuration.load(file).targets().isEmpty());
  }

  @ParameterizedTest
  @MethodSource("bad")
  void refusesBadFilesInOneLineThatSaysWhereAndWhat(Path file) throws IOException {
    String expected = Files.readAllLines(file).get(0).substring(EXPECT.length());
    ConfigurationProblem problem =
        assertThrows(ConfigurationProblem.class, () -> Configuration.load(file));
    String message = String.valueOf(problem.getMessage());
    assertEquals(1, message.lines().count(), message);
    assertTrue(message.startsWith(file.toString()), message);
    assertTrue(message.contains(expected), message);
  }

  @Test
  void readsEveryTypeAndFractionsOfASecond() throws ConfigurationProblem {
    Configuration fast = Configuration.load(FILES.resolve("fast.good.conf"));
    assertEquals(Duration.ofMillis(250), fast.sampling().interval());
    assertEquals(1.0, fast.sampling().targetBudget());
    assertEquals(1_000_000, fast.trend().minimumRiseBytes());
    assertEquals(Duration.ZERO, fast.severity().clearAfter());
    assertEquals(Path.of("/tmp/x.db"), fast.history().path());
    assertEquals(Defaults.HISTORY.maxBytes(), fast.history().maxBytes());

    TargetSettings target = Configuration.load(FILES.resolve("targets.good.conf")).targets().get(0);
    assertEquals(4L << 30, target.limitBytes());
    assertEquals(
        new LoadSettings(
            Optional.of("http://127.0.0.1:8200/metrics"), List.of("read_iops", "write_iops")),
        target.load().orElseThrow());
    assertTrue(target.program().isEmpty());
  }

  @Test
  void theFastTrialHasTheFastThresholds() throws ConfigurationProblem {
    Configuration trial = Configuration.load(Path.of("config", "fast.conf"));
    assertEquals(trial.sampling().interval(), trial.trend().hour());
    assertEquals(Defaults.FAST_TREND.minimumLimitShare(), trial.trend().minimumLimitShare());
    assertEquals(Defaults.FAST_SEVERITY, trial.severity());
  }

  @Test
  void whatIsInstalledSaysNothing() throws ConfigurationProblem {
    Configuration installed = Configuration.load(Path.of("config", "leakwatch.conf"));
    assertEquals(Configuration.load(null).toString(), installed.toString()); // Has expressions.
  }

  @Test
  void theExamplesOfWhatIsInstalledDoWhatTheySay() throws ConfigurationProblem, IOException {
    String text = Files.readString(Path.of("config", "leakwatch.conf"));
    String switchedOn = text.replaceAll("(?m)^(\\s*)#(?! )", "$1");
    Configuration example =
        Configuration.load(Files.writeString(directory.resolve("leakwatch.conf"), switchedOn));
    Configuration defaults = Configuration.load(null);
    assertEquals(defaults.history(), example.history());
    assertEquals(defaults.export().listenAddress(), example.export().listenAddress());
    assertEquals("/etc/leakwatch/web.yml", example.export().webConfigFile().toString());
    assertEquals(List.of("cluster=example"), example.alert().labels());
    assertEquals(1, example.alert().alertmanagers().size());
    assertEquals(1, example.alert().webhooks().size());
    List<String> names = example.targets().stream().map(TargetSettings::name).toList();
    assertEquals(
        defaults.targets().stream().map(TargetSettings::name).toList(),
        names.subList(0, names.size() - 1));
    assertEquals("nginx", names.get(names.size() - 1));
  }

  @Test
  void saysThatAFileIsMissing() {
    ConfigurationProblem problem =
        assertThrows(
            ConfigurationProblem.class, () -> Configuration.load(directory.resolve("none.conf")));
    assertTrue(String.valueOf(problem.getMessage()).endsWith("none.conf: no such file"));
  }

  @FuzzTest
  void neverFailsOtherwiseThanAsOneLine(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("fuzz", ".conf");
    try {
      Files.write(file, bytes);
      Configuration.load(file);
    } catch (ConfigurationProblem e) {
      assertEquals(1, String.valueOf(e.getMessage()).lines().count());
    } finally {
      Files.delete(file);
    }
  }
}
