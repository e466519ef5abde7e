package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The documents lead where they say, and name only what is there. */
class DocumentationTest {
  private static final Path README = Path.of("README.md");
  private static final Path DOCS = Path.of("src/docs");
  private static final Path RUNBOOK = DOCS.resolve("runbook");
  private static final int LINES_MAX = 249;
  private static final int COLUMNS_MAX = 120;
  private static final int PAGE_LINES_MAX = 80;
  private static final long PICTURE_BYTES_MAX = 200_000;

  private static final List<String> HEADINGS =
      List.of(
          "What it does",
          "Try it",
          "Install",
          "Is it working?",
          "Reading a verdict",
          "Diagnose",
          "Configure",
          "Metrics and alerts",
          "Security",
          "Cost and limits",
          "How it works",
          "Contributing");

  /** The verdicts of the contract. */
  private static final List<String> VERDICTS =
      List.of(
          "steady", "warming", "cyclic", "load", "leak", "held", "pinned", "growing", "unknown");

  /** Keys of a target, which have no path of their own in reference.conf. */
  private static final Set<String> TARGET_KEYS = Set.of("load.url");

  private static final Pattern INLINE_LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");
  private static final Pattern LINK_DEFINITION =
      Pattern.compile("^\\[([^\\]]+)\\]: +(\\S+)$", Pattern.MULTILINE);
  private static final Pattern SHORT_LINK = Pattern.compile("\\[([a-z-]+)\\](?![(:\\[])");
  private static final Pattern CODE = Pattern.compile("`([^`\\n]+)`");
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```.*?^```$|^(?: {4}).*?$");
  private static final Pattern KEY = Pattern.compile("[a-z]+(?:\\.[a-z][a-z-]*)+");
  private static final Pattern METRIC =
      Pattern.compile(
          "(?<![a-z_:])((?:[a-z_]+:)?leakwatch_[a-z_]*[a-z](?:_?\\{[a-z_]+(?:,[a-z_]+)*\\}_[a-z_]+)?"
              + "(?::[a-z0-9]+)?)");
  private static final Pattern ALTERNATIVES = Pattern.compile("\\{([a-z_,]+)\\}(?=_)");
  private static final Pattern WRONG_UNIT =
      Pattern.compile("\\b\\d+(\\.\\d+)? ?[kKMGTP]B\\b|iB/(h|d|sec)\\b");
  private static final Pattern RULE =
      Pattern.compile("(?ms)^ {6}- alert: (\\w+)$(.*?)(?=^ {6}- |\\z|^ {2}- )");
  private static final Pattern RUNBOOK_NAME = Pattern.compile("/?runbook/([a-z-]+)");

  @Test
  void readmeShouldBeShort() throws IOException {
    List<String> lines = Files.readAllLines(README);
    assertTrue(lines.size() <= LINES_MAX, () -> lines.size() + " lines");
    assertEquals(
        List.of(), lines.stream().filter(line -> length(line) > COLUMNS_MAX).toList(), "too wide");
  }

  @Test
  void readmeShouldAnswerItsReadersQuestionsInTheirOrder() throws IOException {
    List<String> headings =
        prose(README)
            .lines()
            .filter(line -> line.startsWith("## "))
            .map(line -> line.substring(3))
            .toList();
    assertEquals(HEADINGS, headings);
  }

  @Test
  void firstSectionShouldHaveOnePictureAndOneAlert() throws IOException {
    String text = Files.readString(README);
    String first = text.substring(text.indexOf("## What it does"), text.indexOf("## Try it"));
    assertEquals(1, Pattern.compile("!\\[").matcher(first).results().count());
    assertTrue(first.contains("; next: leakwatch inspect "), first);
  }

  @Test
  void pagesOfTheRunbookShouldBeShort() throws IOException {
    for (Path page : pages()) {
      List<String> lines = Files.readAllLines(page);
      assertTrue(lines.size() <= PAGE_LINES_MAX, () -> page + ": " + lines.size() + " lines");
      assertEquals(
          List.of(),
          lines.stream().filter(line -> length(line) > COLUMNS_MAX).toList(),
          page + " is too wide for a terminal");
    }
  }

  @Test
  void linksShouldLeadSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    int followed = 0;
    for (Path document : documents()) {
      for (String link : links(document)) {
        followed++;
        int hash = link.indexOf('#');
        String file = hash < 0 ? link : link.substring(0, hash);
        Path target = file.isEmpty() ? document : resolve(document, file);
        if (!Files.exists(target)) {
          broken.add(document + ": " + link);
        } else if (hash >= 0 && !anchors(target).contains(link.substring(hash + 1))) {
          broken.add(document + ": no such heading: " + link);
        }
      }
      for (String name : undefined(document)) {
        broken.add(document + ": [" + name + "] has no address");
      }
    }
    assertEquals(List.of(), broken);
    assertTrue(followed > 80, "links were read: " + followed);
  }

  @Test
  void everyDocumentAndPictureShouldBeReachedFromTheReadme() throws IOException {
    Set<Path> reached = new HashSet<>();
    Deque<Path> next = new ArrayDeque<>(List.of(README));
    while (!next.isEmpty()) {
      Path document = next.remove();
      if (reached.add(document) && document.toString().endsWith(".md")) {
        for (String link : links(document)) {
          String file = link.replaceFirst("#.*", "");
          Path target = file.isEmpty() ? document : resolve(document, file);
          if (Files.isRegularFile(target)) {
            next.add(target);
          }
        }
      }
    }
    assertEquals(
        List.of(),
        files(DOCS).filter(file -> !reached.contains(file)).map(Path::toString).toList());
  }

  @Test
  void everyVerdictShouldHaveAPage() throws IOException {
    String readme = Files.readString(README);
    for (String verdict : VERDICTS) {
      String page = Files.readString(RUNBOOK.resolve(verdict + ".md"));
      assertTrue(page.startsWith("# " + verdict + "\n"), verdict);
      for (String part :
          List.of("What it means", "How to confirm", "What to do now", "What to do for good")) {
        assertTrue(page.contains("\n## " + part + "\n"), verdict + " does not say: " + part);
      }
      assertTrue(
          Pattern.compile("(?m)^\\| \\[" + verdict + "\\] ").matcher(readme).find(),
          verdict + " is not in the README's table");
    }
  }

  @Test
  void everyAlertShouldLeadToItsPage() throws IOException {
    Map<String, List<String>> alerts = new LinkedHashMap<>();
    for (String file : List.of("leakwatch.rules.yml", "leakwatch-fleet.rules.yml")) {
      alerts.putAll(alerts(Files.readString(Path.of("deploy/prometheus", file))));
    }
    assertTrue(alerts.size() >= 8, alerts::toString);
    alerts.forEach(
        (alert, pages) -> {
          assertFalse(pages.isEmpty(), alert + " has no runbook_url");
          for (String page : pages) {
            assertTrue(Files.exists(RUNBOOK.resolve(page + ".md")), alert + " leads to " + page);
          }
        });
    Set<String> known = new TreeSet<>(VERDICTS);
    alerts.values().forEach(known::addAll);
    known.addAll(List.of("README", "evidence"));
    assertEquals(
        List.of(),
        pages().stream()
            .map(page -> page.getFileName().toString().replace(".md", ""))
            .filter(name -> !known.contains(name))
            .toList(),
        "no alert leads to these pages");
  }

  /** Each alert's pages; those of a verdict for the address that a verdict is part of. */
  private static Map<String, List<String>> alerts(String rules) {
    Map<String, List<String>> pages = new LinkedHashMap<>();
    List<String> shared = List.of();
    Matcher rule = RULE.matcher(rules);
    while (rule.find()) {
      String body = rule.group(2);
      int from = body.indexOf("runbook_url:");
      List<String> own = List.of();
      if (from >= 0) {
        String url = body.substring(from);
        own =
            url.contains("/runbook/{{ $labels.verdict }}")
                ? List.of("leak", "growing", "held", "pinned")
                : RUNBOOK_NAME.matcher(url).results().map(match -> match.group(1)).toList();
      }
      if (body.contains("annotations: &")) {
        shared = own;
      }
      pages.merge(
          rule.group(1),
          body.contains("annotations: *") ? shared : own,
          (one, other) -> one.isEmpty() ? one : other);
    }
    return pages;
  }

  @Test
  void everyKeyOfTheConfigurationShouldExist() throws IOException {
    Config reference =
        ConfigFactory.parseFile(Path.of("src/main/resources/reference.conf").toFile())
            .getConfig("leakwatch");
    List<String> unknown = new ArrayList<>();
    int found = 0;
    for (Path document : documents()) {
      for (MatchResult code : CODE.matcher(Files.readString(document)).results().toList()) {
        String key = code.group(1);
        if (KEY.matcher(key).matches()
            && reference.hasPath(key.substring(0, key.indexOf('.')))
            && !Files.exists(Path.of(key))) {
          found++;
          if (!reference.hasPath(key) && !TARGET_KEYS.contains(key)) {
            unknown.add(document + ": " + key);
          }
        }
      }
    }
    assertEquals(List.of(), unknown);
    assertTrue(found > 30, "keys were read: " + found);
  }

  @Test
  void everyMetricShouldExist() throws IOException {
    Set<String> literals = new HashSet<>();
    for (Path source : files(Path.of("src/main/java")).toList()) {
      Pattern.compile("\"([a-z_]+)\"")
          .matcher(Files.readString(source))
          .results()
          .forEach(match -> literals.add(match.group(1)));
    }
    Set<String> records = new HashSet<>();
    for (Path rules : files(Path.of("deploy/prometheus")).toList()) {
      Pattern.compile("- record: (\\S+)")
          .matcher(Files.readString(rules))
          .results()
          .forEach(match -> records.add(match.group(1)));
    }
    List<String> unknown = new ArrayList<>();
    int found = 0;
    for (Path document : documents()) {
      for (MatchResult match : METRIC.matcher(Files.readString(document)).results().toList()) {
        for (String name : alternatives(match.group(1))) {
          found++;
          if (!(name.contains(":") ? records.contains(name) : isExported(name, literals))) {
            unknown.add(document + ": " + name);
          }
        }
      }
    }
    assertEquals(List.of(), unknown);
    assertTrue(found > 40, "metrics were read: " + found);
  }

  /** {@code heap_{free,pinned}_bytes} is two names. */
  private static List<String> alternatives(String name) {
    Matcher choice = ALTERNATIVES.matcher(name);
    if (!choice.find()) {
      return List.of(name.replaceFirst("\\{.*", ""));
    }
    return Stream.of(choice.group(1).split(","))
        .map(one -> name.substring(0, choice.start()) + one + name.substring(choice.end()))
        .toList();
  }

  /** The name as a whole, or put together of literals as those of processes are. */
  private static boolean isExported(String name, Set<String> literals) {
    String bare = name.replaceFirst("_(total|info)$", "");
    if (literals.contains(name) || literals.contains(bare)) {
      return true;
    }
    String prefix = "leakwatch_process_";
    if (!bare.startsWith(prefix)) {
      return false;
    }
    String rest = bare.substring(prefix.length());
    return literals.contains(rest)
        || literals.stream()
            .anyMatch(
                begin ->
                    begin.length() > 1
                        && begin.endsWith("_")
                        && rest.startsWith(begin)
                        && literals.contains(rest.substring(begin.length())));
  }

  @Test
  void documentsShouldKnowBinaryUnitsOnlyAndPicturesShouldBeSmall() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Path document : documents()) {
      Files.readString(document)
          .lines()
          .filter(line -> WRONG_UNIT.matcher(line).find())
          .forEach(line -> wrong.add(document + ": " + line));
    }
    for (Path picture : files(DOCS.resolve("pictures")).toList()) {
      if (!picture.toString().endsWith(".svg") || Files.size(picture) > PICTURE_BYTES_MAX) {
        wrong.add(picture + ": " + Files.size(picture) + " bytes");
      }
    }
    assertEquals(List.of(), wrong);
  }

  private static int length(String line) {
    return line.codePointCount(0, line.length());
  }

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>(List.of(README, Path.of("deploy/README.md")));
    files(DOCS).filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
    assertTrue(documents.size() > 20, documents::toString);
    return documents;
  }

  private static List<Path> pages() throws IOException {
    return files(RUNBOOK).toList();
  }

  private static Stream<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).sorted().toList().stream();
    }
  }

  private static Path resolve(Path document, String link) {
    Path directory = document.getParent();
    return (directory == null ? Path.of(link) : directory.resolve(link)).normalize();
  }

  /** Without what is shown as it is: blocks of code, and a link in them is none. */
  private static String prose(Path document) throws IOException {
    return BLOCK.matcher(Files.readString(document)).replaceAll("");
  }

  /** Addresses within the repository. */
  private static List<String> links(Path document) throws IOException {
    String prose = CODE.matcher(prose(document)).replaceAll("");
    return Stream.concat(
            INLINE_LINK.matcher(prose).results().map(match -> match.group(1)),
            LINK_DEFINITION.matcher(prose).results().map(match -> match.group(2)))
        .filter(link -> !link.matches("[a-z]+:.*"))
        .toList();
  }

  /** Names in brackets alone, which need an address somewhere in the document. */
  private static Set<String> undefined(Path document) throws IOException {
    String prose = CODE.matcher(prose(document)).replaceAll("");
    Set<String> names = new TreeSet<>();
    SHORT_LINK.matcher(prose).results().forEach(match -> names.add(match.group(1)));
    LINK_DEFINITION.matcher(prose).results().forEach(match -> names.remove(match.group(1)));
    return names;
  }

  /** Of the headings of a document, as forges make them. */
  private static Set<String> anchors(Path document) throws IOException {
    return prose(document)
        .lines()
        .filter(line -> line.matches("#+ .*"))
        .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT))
        .map(line -> line.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }
}
