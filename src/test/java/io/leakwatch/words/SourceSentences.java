package io.leakwatch.words;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The sentences in the sources: each expression that begins or goes on with a string literal and
 * reads like words. What is put in between is {@code {}}.
 */
final class SourceSentences {
  private static final Path ROOT = Path.of("src/main/java/io/leakwatch");

  /** Two words, or one at the edge of something that is put in. */
  private static final Pattern WORDS =
      Pattern.compile("[A-Za-z]{2,}[,:;.)]? [(`]?[a-z]{2,}|\\{} [(]?[a-z]{2,}|[a-z]{3,}:? \\{}");

  /** SQL, markup, regular expressions, and what is written for programs or found in them. */
  private static final Pattern NOT_WORDS =
      Pattern.compile(
          "SELECT|^ *(INSERT|DELETE|CREATE|PRAGMA|UPDATE|OVER|AND |ORDER|FROM|WHERE)\\b"
              + "|^.?(VALUES|PRIMARY)|<[a-z/!]|\\(\\?|\\\\[sdwS.]|BEGIN|=\\\\\"|: var\\(|-src '");

  private static final Pattern LOG =
      Pattern.compile("(?i)log\\s*\\.(error|warn|info|debug)\\(\\s*$");

  /**
   * One sentence.
   *
   * @param room the package below {@code io.leakwatch}
   * @param level of a line of the log, {@code ""} of everything else
   */
  record Sentence(String room, String level, String text) {}

  private SourceSentences() {}

  /** All of them, sorted by room and text. */
  static List<Sentence> all() throws IOException {
    List<Sentence> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".java")).toList()) {
        String room = ROOT.relativize(file.getParent()).toString().replace('/', '.');
        if (!room.startsWith("symbols")
            && !room.equals("proc.identity")
            && !room.equals("export.metrics")) {
          add(found, room, withoutComments(Files.readString(file)));
        }
      }
    }
    return found.stream()
        .distinct()
        .sorted(
            Comparator.comparing(Sentence::room)
                .thenComparing(Sentence::level)
                .thenComparing(Sentence::text))
        .toList();
  }

  private static void add(List<Sentence> found, String room, String source) {
    int at = 0;
    while (true) {
      int quote = source.indexOf('"', at);
      if (quote < 0) {
        return;
      }
      StringBuilder text = new StringBuilder();
      at = expression(source, quote, text);
      String sentence = text.toString();
      Matcher log = LOG.matcher(source.substring(Math.max(0, quote - 40), quote));
      if (WORDS.matcher(sentence).find() && !NOT_WORDS.matcher(sentence).find()) {
        found.add(new Sentence(room, log.find() ? log.group(1) : "", sentence));
      }
    }
  }

  /** Reads literals and what is joined to them by {@code +}; returns where that ends. */
  private static int expression(String source, int from, StringBuilder text) {
    int at = from;
    while (source.charAt(at) == '"') {
      if (source.startsWith("\"\"\"", at)) {
        return source.indexOf("\"\"\"", at + 3) + 3; // Styles and scripts.
      }
      int end = at + 1;
      while (source.charAt(end) != '"') {
        end += source.charAt(end) == '\\' ? 2 : 1;
      }
      text.append(source, at + 1, end);
      at = blank(source, end + 1);
      if (source.charAt(at) != '+') {
        return at;
      }
      at = blank(source, at + 1);
      if (source.charAt(at) != '"') {
        int operand = operand(source, at);
        text.append("{}");
        if (operand >= source.length() || source.charAt(operand) != '+') {
          return at; // What lies inside of the operand is read by itself.
        }
        int next = blank(source, operand + 1);
        if (source.charAt(next) != '"') {
          return at;
        }
        at = next;
      }
    }
    return at;
  }

  private static int blank(String source, int from) {
    int at = from;
    while (Character.isWhitespace(source.charAt(at))) {
      at++;
    }
    return at;
  }

  /** Where an operand ends: at a {@code +}, a comma or a bracket of the outside. */
  private static int operand(String source, int from) {
    int depth = 0;
    int at = from;
    while (at < source.length()) {
      char c = source.charAt(at);
      if (c == '"') {
        at++;
        while (source.charAt(at) != '"') {
          at += source.charAt(at) == '\\' ? 2 : 1;
        }
      } else if (c == '(' || c == '[' || c == '{') {
        depth++;
      } else if (c == ')' || c == ']' || c == '}') {
        depth--;
      }
      if (depth < 0 || (depth == 0 && (c == '+' || c == ',' || c == ';'))) {
        return at;
      }
      at++;
    }
    return at;
  }

  private static String withoutComments(String source) {
    return Pattern.compile(
            "(\"(?:[^\"\\\\\\n]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)')|//[^\\n]*|/\\*.*?\\*/",
            Pattern.DOTALL)
        .matcher(source)
        .replaceAll(
            match ->
                match.group(1) == null
                    ? " "
                    : Matcher.quoteReplacement(match.group(1).replace("'\"'", "'_'")));
  }
}
