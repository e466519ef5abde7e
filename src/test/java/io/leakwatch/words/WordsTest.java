package io.leakwatch.words;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.Main;
import io.leakwatch.alert.Alert;
import io.leakwatch.alert.AlertFacts;
import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.export.SavedView;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.export.metrics.Metrics;
import io.leakwatch.export.text.DiagnosisText;
import io.leakwatch.export.text.InspectText;
import io.leakwatch.export.text.SavedText;
import io.leakwatch.proc.limits.Limit;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.verdict.Diagnosis;
import io.leakwatch.verdict.ProcessJudge;
import io.leakwatch.verdict.Suspect;
import io.leakwatch.verdict.Verdict;
import io.leakwatch.verdict.VerdictKind;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/**
 * All that a user reads, in one place: {@code src/test/resources/words}. {@code
 * -Dleakwatch.golden=update} rewrites the files; read their difference as somebody would who is
 * woken at night, before you commit it.
 */
class WordsTest {
  private static final Path GOLDEN = Path.of("src/test/resources/words");
  private static final double GIB = 1L << 30;
  private static final double DAY_SECONDS = 86_400;

  /** 2023-11-14 00:00 UTC. */
  private static final double START = 1_699_920_000;

  /** Words of another field, or of none, and what we say instead. */
  private static final Map<String, String> BANNED =
      Map.ofEntries(
          Map.entry("\\b(desk|book|door|wire|story|outlet)s?\\b", "queue, index, handler, …"),
          Map.entry("\\b(is|are|be|was|were|not|been) told\\b|\\bto tell\\b", "reported, sent"),
          Map.entry("heavy look|\\b(two|the|a|first|second|no|by) looks?\\b", "diagnosis, sample"),
          Map.entry("\\blook(s|ed|ing)? (at|for|into|twice)\\b", "read, sample, search"),
          Map.entry("\\bpoints? (at|from)\\b|\\bheld by nobody\\b", "reference; unreferenced"),
          Map.entry("\\b(nobody|somebody|whoever)\\b", "say who"),
          Map.entry("\\b(life|lives|lifetime)\\b", "incarnation, run"),
          Map.entry("\\banew\\b", "again"),
          Map.entry("\\b(dear|haste|remembers?|knows?|bettered|alas)\\b", "the common word"),
          Map.entry("\\bhangs? (up|on)\\b", "closes the connection; depends on"),
          Map.entry("\\bfault of the program\\b", "internal error"),
          Map.entry(
              "\\b(in vain|makes? sense|just now|by now|goes on|go on)\\b", "the plain words"),
          Map.entry("\\b(that|it) cannot be\\b(?! [a-z]+(ed|d|t|n|k)\\b)", "is not possible"),
          Map.entry(", for (it|he|she|they|there|what|of)\\b", "because"));

  /** The contract and the configuration name these so. */
  private static final Pattern NAMES =
      Pattern.compile("outlet-socket|outlet\\.sock|bound=\"looks\"|told apart");

  static Stream<String> files() {
    return Stream.of(
        "help", "metrics", "alerts", "reasons", "screens", "logs", "sentences", "page");
  }

  @ParameterizedTest
  @MethodSource("files")
  void shouldBeAsTheGoldenFileHasThem(String name) throws IOException {
    String text = text(name);
    Path golden = GOLDEN.resolve(name + ".txt");
    if ("update".equals(System.getProperty("leakwatch.golden"))) {
      Files.createDirectories(GOLDEN);
      Files.writeString(golden, text);
    }
    assertEquals(Files.readString(golden), text);
  }

  @ParameterizedTest
  @MethodSource("files")
  void shouldBeOfTheField(String name) throws IOException {
    assertEquals(List.of(), banned(text(name)));
  }

  @Test
  void configurationShouldBeOfTheField() throws IOException {
    List<Path> files = new ArrayList<>(List.of(Path.of("src/main/resources/reference.conf")));
    try (Stream<Path> more = Files.list(Path.of("config"))) {
      more.forEach(files::add);
    }
    for (Path file : files) {
      assertEquals(List.of(), banned(Files.readString(file)), file::toString);
    }
  }

  @Test
  void theBanShouldFindWhatItIsFor() {
    for (String bad :
        List.of(
            "alerts are not told in this round",
            "nobody points at 100 %",
            "heavy looks at alarming processes",
            "after a life of 6 days",
            "a fault of the program",
            "it hangs up",
            "clear, for it is off")) {
      assertEquals(1, banned(bad).size(), bad);
    }
    assertEquals(List.of(), banned("Tells a memory leak from memory that is merely held"));
  }

  private static List<String> banned(String text) {
    List<String> found = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String words = NAMES.matcher(line).replaceAll("");
      BANNED.forEach(
          (pattern, instead) -> {
            Matcher matcher = Pattern.compile(pattern, Pattern.CASE_INSENSITIVE).matcher(words);
            if (matcher.find() && found.stream().noneMatch(one -> one.startsWith(line.strip()))) {
              found.add(line.strip() + "   <" + matcher.group() + ">: say " + instead);
            }
          });
    }
    return found;
  }

  private static String text(String name) throws IOException {
    return switch (name) {
      case "help" -> help(new CommandLine(new Main()));
      case "metrics" -> metrics();
      case "alerts" -> alerts();
      case "reasons" -> sentences(one -> isReason(one), "") + examples();
      case "screens" -> screens();
      case "logs" -> sentences(one -> !one.level().isEmpty(), "");
      case "sentences" -> sentences(one -> one.level().isEmpty() && !isReason(one), "");
      default -> page();
    };
  }

  private static boolean isReason(SourceSentences.Sentence one) {
    return one.room().equals("verdict") && one.level().isEmpty();
  }

  private static String help(CommandLine command) {
    StringBuilder help = new StringBuilder();
    help.append(command.getUsageMessage(CommandLine.Help.Ansi.OFF).replaceAll("(?m) +$", ""));
    for (CommandLine sub : new TreeMap<>(command.getSubcommands()).values()) {
      help.append("\n--------\n\n").append(help(sub));
    }
    return help.toString();
  }

  private static String metrics() throws IOException {
    Snapshot snapshot =
        new Snapshot(
            Views.NOON, List.of(Views.leaking("mds", Severity.CRITICAL, VerdictKind.LEAK)));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new Metrics(() -> snapshot, "1.2.3", Path.of("/proc"))
        .write(PrometheusTextFormatWriter.create(), out);
    return out.toString(StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("# HELP "))
        .map(line -> line.substring("# HELP ".length()) + "\n")
        .sorted()
        .collect(Collectors.joining());
  }

  private static String alerts() {
    StringBuilder text = new StringBuilder();
    for (VerdictKind kind : VerdictKind.values()) {
      if (!kind.isAlarming() && kind != VerdictKind.LOAD) {
        continue;
      }
      for (Severity severity : List.of(Severity.WARNING, Severity.CRITICAL)) {
        Verdict verdict = Views.leaking("mds", severity, kind).assessment().verdict();
        Alert alert =
            Alert.of(
                new AlertFacts(
                    "mds",
                    4711,
                    Objects.requireNonNull(verdict),
                    severity,
                    Views.NOON,
                    new AlertFacts.Memory(4_300L << 20, 12, 33),
                    new AlertFacts.Evidence(
                        severity == Severity.CRITICAL
                            ? "topology::Lease, +1200 × 272 B (319 KiB), 97 % of them unreferenced"
                                + " (lost)"
                            : "",
                        "i-1")),
                Map.of("instance", "n1"),
                "http://n1:9870");
        text.append(kind.wireName()).append(' ').append(severity.wireName()).append('\n');
        new TreeMap<>(alert.annotations())
            .forEach(
                (key, value) ->
                    text.append("  ").append(key).append(": ").append(value).append('\n'));
      }
    }
    return text.toString();
  }

  private static String sentences(Predicate<SourceSentences.Sentence> which, String none)
      throws IOException {
    StringBuilder text = new StringBuilder(none);
    String room = "";
    for (SourceSentences.Sentence one : SourceSentences.all().stream().filter(which).toList()) {
      if (!one.room().equals(room)) {
        room = one.room();
        text.append(text.isEmpty() ? "" : "\n").append("[").append(room).append("]\n");
      }
      text.append(one.level().isEmpty() ? "" : one.level() + ": ").append(one.text()).append('\n');
    }
    return text.toString();
  }

  private interface Course {
    void fill(double day, Sample.Builder sample);
  }

  /** What the judge says of some courses, with # for figures: those are of other tests. */
  private static String examples() {
    Map<String, Course> courses = new LinkedHashMap<>();
    courses.put("a leak", (day, sample) -> fill(sample, 28 + 3 * Math.max(0, day - 6), 30));
    courses.put("memory that is held", (day, sample) -> fill(sample, 10, day < 6 ? 12 : 40));
    courses.put("a warm-up", (day, sample) -> fill(sample, 40 * (1 - Math.exp(-day)), 0));
    courses.put("a cycle", (day, sample) -> fill(sample, 30 + 3 * Math.sin(6.283 * day), 0));
    courses.put("nothing", (day, sample) -> fill(sample, 30, 32));
    StringBuilder text = new StringBuilder();
    courses.forEach(
        (name, course) -> {
          text.append("\n[").append(name).append("]\n");
          judge(course, 8).reasons().forEach(reason -> text.append(masked(reason)).append('\n'));
        });
    text.append("\n[half an hour]\n");
    Course begun = (day, sample) -> fill(sample, 30, 32);
    judge(begun, 0.02).reasons().forEach(reason -> text.append(masked(reason)).append('\n'));
    return text.toString();
  }

  private static void fill(Sample.Builder sample, double inUseGib, double leastGib) {
    double anonymous = Math.max(leastGib, inUseGib + 1);
    sample
        .set(Signal.RSS_ANON_BYTES, anonymous * GIB)
        .set(Signal.IN_USE_BYTES, inUseGib * GIB)
        .set(Signal.ARENA_BYTES, (anonymous - 0.5) * GIB)
        .set(Signal.LIMIT_BYTES, 64 * GIB);
  }

  private static Verdict judge(Course course, double days) {
    ProcessJudge judge = new ProcessJudge(Defaults.TREND);
    Random random = new Random(11);
    Verdict verdict = null;
    for (double t = 0; t <= days * DAY_SECONDS; t += 300) {
      Sample.Builder sample = Sample.at(START + t, "1");
      course.fill(t / DAY_SECONDS + 1e-3 * random.nextGaussian(), sample);
      verdict =
          judge.accept(
              sample.build(),
              List.of(new Limit("memory.max of /curve", Limit.Unit.BYTES, 64L << 30, 40L << 30)));
    }
    return Objects.requireNonNull(verdict);
  }

  private static String masked(String text) {
    return text.replaceAll("[+-]?\\d[\\d.:-]*\\d|[+-]?\\d", "#").replaceAll("[KMG]iB", "iB");
  }

  private static String screens() {
    var view = Views.leaking("mds", Severity.CRITICAL, VerdictKind.LEAK);
    Suspect suspect =
        new Suspect(
            64,
            38_000,
            64 * 38_000,
            new Suspect.Content("topology::Lease", "mds", List.of("\"aaaa-00\"")),
            Suspect.Place.among(Allocator.PTMALLOC, 104),
            List.of(),
            new Suspect.References(0.97, 0.02, List.of(), new Suspect.Survival(100, 97, 0)));
    Diagnosis diagnosis =
        new Diagnosis(
            Objects.requireNonNull(view.assessment().verdict()),
            Duration.ofMillis(2100),
            List.of(suspect),
            Map.of(),
            List.of(),
            List.of());
    SavedView saved =
        new SavedView(
            new SavedView.Identity(12, "mds", "/usr/bin/curve-mds", "", "", 40, null),
            new SavedView.Source("sent/smaps", "smaps", 65536, 1),
            view.memory(),
            new SavedView.KnownFigures(true, true, false, false),
            List.of(
                new SavedView.Mapping(
                    0x7f0040000000L,
                    0x7f0044000000L,
                    "rw-p",
                    "arena",
                    "[anon: glibc: malloc arena]",
                    60_000 << 10,
                    new SavedView.Rest(60_000 << 10, 0))),
            List.of("sent/smaps:17: malformed line"));
    return InspectText.of(view, false)
        + "\n"
        + DiagnosisText.of(view, diagnosis, false, true)
        + "\n"
        + SavedText.of(saved, false);
  }

  /** The texts that the page shows: those of its scripts. */
  private static String page() throws IOException {
    StringBuilder script = new StringBuilder();
    try (Stream<Path> files = Files.list(Path.of("src/main/resources/io/leakwatch/export/page"))) {
      for (Path file : files.filter(one -> one.toString().endsWith(".js")).sorted().toList()) {
        script.append(Files.readString(file));
      }
    }
    List<String> texts = new ArrayList<>();
    Matcher literal =
        Pattern.compile("\"([^\"\\n]*)\"")
            .matcher(script.toString().replaceAll("(?m)^ *//.*$", ""));
    while (literal.find()) {
      if (literal.group(1).matches(".*[a-z]{3,}.*")) {
        texts.add(literal.group(1));
      }
    }
    return texts.stream()
        .distinct()
        .sorted(Comparator.naturalOrder())
        .map(one -> one + "\n")
        .collect(Collectors.joining());
  }

  /** So that a change of the extraction does not empty a file without notice. */
  @Test
  void nothingShouldBeMissing() throws IOException {
    assertTrue(text("help").lines().count() > 150);
    assertTrue(text("metrics").lines().count() > 40);
    assertTrue(text("logs").contains("warn: {} {} does not accept alerts: {}"));
    assertTrue(text("sentences").lines().count() > 200);
  }
}
