package io.leakwatch.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.Main;
import io.leakwatch.alert.Alert;
import io.leakwatch.alert.AlertFacts;
import io.leakwatch.alert.Escalation;
import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Views;
import io.leakwatch.export.text.DiagnosisHtml;
import io.leakwatch.export.text.DiagnosisText;
import io.leakwatch.export.text.InspectText;
import io.leakwatch.proc.limits.Limit;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.replay.Replay;
import io.leakwatch.replay.ReplayPlot;
import io.leakwatch.replay.ReplayReport;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.verdict.Diagnosis;
import io.leakwatch.verdict.ProcessJudge;
import io.leakwatch.verdict.Suspect;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Quantities have one spelling, wherever a user meets them. */
class SpellingTest {
  /** Decimal units, times of rates cut short, and what a formatter alone would not write. */
  private static final Pattern WRONG =
      Pattern.compile(
          "\\b(\\d+(\\.\\d+)? ?)?[kKMGTP]B\\b|iB/(h|d|sec)\\b|\\b1024(\\.0)? ?[KMGT]?i?B"
              + "|[+-]0(\\.0)? B");

  private static final Pattern NO_FIGURE = Pattern.compile("\\bNaN\\b|Infinity|\\d ?bytes\\b");

  private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\\\n]|\\\\.)*)\"");

  /** What the kernel writes. */
  private static final String KERNEL = "OwnProcess.java";

  private static final Suspect LEASES =
      new Suspect(
          64,
          38_000,
          64 * 38_000,
          new Suspect.Content("topology::Lease", "mds", List.of("\"aaaa-00\"")),
          Suspect.Place.among(Allocator.PTMALLOC, 104),
          List.of(),
          new Suspect.References(0.97, 0, List.of(), new Suspect.Survival(100, 97, 0)));

  private static List<String> wrong(String text) {
    return text.lines().filter(line -> WRONG.matcher(line).find()).map(String::strip).toList();
  }

  private static void assertSpelt(String shown) {
    assertEquals(List.of(), wrong(shown));
    assertEquals(List.of(), shown.lines().filter(line -> NO_FIGURE.matcher(line).find()).toList());
  }

  private static Stream<Path> files(String directory, Predicate<String> name) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of(directory))) {
      return files
          .filter(file -> Files.isRegularFile(file) && name.test(file.getFileName().toString()))
          .toList()
          .stream();
    }
  }

  static Stream<Path> texts() throws IOException {
    return Stream.of(
            Stream.of(Path.of("README.md")),
            files("src/main/resources", name -> name.matches(".*\\.(conf|html)")),
            files("config", name -> true),
            files("systemd", name -> true),
            files("deploy", name -> name.matches(".*\\.(md|yml|yaml|conf|tmpl|sh|json|j2)")))
        .flatMap(all -> all);
  }

  @ParameterizedTest
  @MethodSource("texts")
  void textsShouldKnowBinaryUnitsOnly(Path file) throws IOException {
    assertEquals(List.of(), wrong(Files.readString(file)));
  }

  @Test
  void theProgramShouldHaveNoOtherUnitsInItsWords() throws IOException {
    List<String> found = new ArrayList<>();
    List<Path> sources =
        files("src/main/java", name -> name.endsWith(".java") && !name.equals(KERNEL)).toList();
    assertTrue(sources.size() > 300);
    for (Path source : sources) {
      Matcher literal = LITERAL.matcher(Files.readString(source));
      while (literal.find()) {
        wrong(literal.group(1)).forEach(line -> found.add(source.getFileName() + ": " + line));
      }
    }
    assertEquals(List.of(), found);
  }

  @Test
  void helpShouldSpellThemSo() {
    StringBuilder help = new StringBuilder();
    CommandLine main = new CommandLine(new Main());
    main.getSubcommands().values().forEach(command -> help.append(command.getUsageMessage()));
    assertTrue(help.length() > 2000);
    assertEquals(List.of(), wrong(main.getUsageMessage() + help));
  }

  @Test
  void reasonsAndAlertsOfASeriesShouldSpellThemSo() {
    List<Limit> limits = List.of(new Limit("memory.max", Limit.Unit.BYTES, 64L << 30, 40L << 30));
    ProcessJudge judge = new ProcessJudge(Defaults.TREND);
    ReplayPlot plot = new ReplayPlot("a series");
    List<String> told = new ArrayList<>();
    Replay replay =
        new Replay(
            new ProcessJudge(Defaults.TREND),
            new Escalation(Defaults.SEVERITY),
            change -> {
              plot.change(change);
              told.add(ReplayReport.changeText("a.csv", change));
            });
    for (double t = 0; t < 8 * 86_400; t += 300) {
      double leaked = 1e9 * Math.max(0, t / 86_400 - 6);
      Sample sample =
          Sample.at(1.7e9 + t, "1")
              .set(Signal.RSS_ANON_BYTES, 8e9 + leaked)
              .set(Signal.IN_USE_BYTES, 7e9 + leaked)
              .set(Signal.ARENA_BYTES, 6e9 + leaked)
              .set(Signal.LIMIT_BYTES, 64L << 30)
              .build();
      plot.sample(sample);
      replay.accept(sample);
      told.addAll(judge.accept(sample, limits).reasons());
    }
    replay.newest().ifPresent(plot::end);
    told.add(ReplayReport.summaryText("a.csv", replay.summary()));
    told.add(plot.svg());
    assertTrue(told.stream().anyMatch(line -> line.contains("iB/day (±")), told::toString);
    assertSpelt(String.join("\n", told));
  }

  @Test
  void looksAndAlertsShouldSpellThemSo() {
    ProcessView view = Views.leaking("curve-mds", Severity.CRITICAL, VerdictKind.LEAK);
    Diagnosis diagnosis =
        new Diagnosis(
            Objects.requireNonNull(view.assessment().verdict()),
            Duration.ofMillis(2100),
            List.of(LEASES),
            Map.of(),
            List.of(),
            List.of());
    Alert alert =
        Alert.of(
            new AlertFacts(
                "curve-mds",
                4711,
                Objects.requireNonNull(view.assessment().verdict()),
                Severity.CRITICAL,
                Views.NOON,
                new AlertFacts.Memory(4_300L << 20, 12, 33),
                AlertFacts.Evidence.NONE),
            Map.of(),
            "");
    String shown =
        String.join(
            "\n",
            InspectText.of(view, false),
            InspectText.of(Views.denied("secret"), false),
            DiagnosisText.of(view, diagnosis, false, true),
            DiagnosisHtml.of(view, diagnosis),
            alert.summary());
    assertSpelt(shown);
  }
}
