package io.leakwatch.proc.identity;

import io.leakwatch.text.ForeignText;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The options of a command line, by their names and without their values, which may be passwords.
 *
 * <p>Of a value only 16 bits of a hash are kept. They tell one value from another but for one case
 * in 65,536. Of all passwords of six letters some 4,700 have the same, so a password cannot be told
 * from them; a value out of a few, such as a port, can.
 *
 * <p>No standard says what is a name. {@code --name} and {@code --name=value} are names (GNU).
 * {@code -name=value} is one where nothing on the command line begins with two hyphens (gflags,
 * Go). Elsewhere, and without {@code =}, it may as well be the option {@code -n} with a value
 * attached, as in {@code -pPASSWORD}, so no more than its first letter is reported. (A password
 * with {@code =} in it that is attached so, where nothing begins with two hyphens, is reported up
 * to there.) An argument after an option is its value unless it begins with a hyphen. Everything
 * else is reported by its place.
 *
 * <p>Which file is a configuration is guessed by the option's name or, for a plain argument, by the
 * file's; whether such a file exists must be seen.
 */
public final class CommandOptions {
  private static final int NAMES_MAX = 48;
  private static final int NAME_CHARS_MAX = 40;
  private static final int FILES_MAX = 8;
  private static final int PATH_CHARS_MAX = 1024;
  private static final String FURTHER = "further arguments";
  private static final char SEPARATOR = '\n';

  /** An option that is followed by what nobody may see, whatever that looks like. */
  private static final Pattern SECRET =
      Pattern.compile(".*(pass|pwd|secret|token|key|cred|auth).*");

  /** Names of options that take the path of a configuration, as programs have them. */
  private static final Pattern CONFIGURATION =
      Pattern.compile("c|cfg|.*conf|.*conf.?(path|file|dir)?|.*config.*|flagfile|defaults-file");

  /** Those that may be reported though they could as well be a letter with a value attached. */
  private static final Pattern PLAIN_CONFIGURATION =
      Pattern.compile("(conf|config|cfg)([._-]?(path|file))?|flagfile");

  private static final Pattern CONFIGURATION_FILE =
      Pattern.compile(".*\\.(conf|cnf|cfg|ini|toml|ya?ml)");

  private final Map<String, String> fingerprints = new LinkedHashMap<>();
  private final List<NamedFile> files = new ArrayList<>();

  /**
   * A path that may be that of a configuration file.
   *
   * @param option what names it on the command line
   * @param path absolute, in the process' eyes
   */
  public record NamedFile(String option, String path) {}

  private CommandOptions() {}

  /** Takes a command line apart, the program's name first. */
  public static CommandOptions of(List<String> commandLine) {
    CommandOptions options = new CommandOptions();
    List<String> arguments =
        commandLine.subList(Math.min(1, commandLine.size()), commandLine.size());
    boolean doubled = arguments.stream().anyMatch(one -> one.startsWith("--") && one.length() > 2);
    int places = 0;
    boolean plain = false;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      if (plain || !argument.startsWith("-") || argument.equals("-")) {
        places++;
        options.place("argument " + places, argument);
      } else if (argument.equals("--")) {
        plain = true;
      } else {
        String next = i + 1 < arguments.size() ? arguments.get(i + 1) : "";
        i += options.option(argument, next, doubled) ? 1 : 0;
      }
    }
    return options;
  }

  private void place(String name, String value) {
    if (CONFIGURATION_FILE.matcher(value).matches()) {
      file(name, value);
    }
    add(name, value);
  }

  /** Takes an option; whether the argument after it is its value. */
  private boolean option(String argument, String next, boolean doubled) {
    int hyphens = argument.startsWith("--") ? 2 : 1;
    int end = hyphens;
    while (end < argument.length() && isOfName(argument.charAt(end))) {
      end++;
    }
    String word = argument.substring(hyphens, end);
    boolean assigned = end < argument.length() && argument.charAt(end) == '=';
    boolean whole = end == argument.length();
    boolean takesNext =
        whole
            && !next.isEmpty()
            && (!next.startsWith("-") || SECRET.matcher(lower(word)).matches());
    String name = shown(argument, word, hyphens, assigned && !doubled, assigned || whole);
    String rest = argument.substring(Math.min(argument.length(), end + (assigned ? 1 : 0)));
    if (CONFIGURATION.matcher(lower(word)).matches()) {
      file(name, takesNext ? next : rest);
    }
    add(name, argument + '\0' + (takesNext ? next : ""));
    return takesNext;
  }

  /**
   * What may be reported of an option.
   *
   * @param flagStyle whether a word after one hyphen is a name
   * @param ended whether the word is all that there is before a value
   */
  private static String shown(
      String argument, String word, int hyphens, boolean flagStyle, boolean ended) {
    boolean isName =
        hyphens == 2
            || word.length() == 1
            || flagStyle
            || (ended && PLAIN_CONFIGURATION.matcher(lower(word)).matches());
    if (isName && !word.isEmpty()) {
      String name = "-".repeat(hyphens) + word;
      return name.length() <= NAME_CHARS_MAX ? name : name.substring(0, NAME_CHARS_MAX) + "…";
    }
    int first = argument.codePointAt(1);
    boolean isLetter = hyphens == 1 && first < 0x80 && Character.isLetterOrDigit(first);
    return isLetter ? "-" + Character.toString(first) + "…" : "-…";
  }

  private static boolean isOfName(char c) {
    return (c < 0x80 && Character.isLetterOrDigit(c)) || c == '_' || c == '-' || c == '.';
  }

  private static String lower(String word) {
    return word.toLowerCase(Locale.ROOT);
  }

  private void file(String option, String path) {
    boolean fits = path.startsWith("/") && path.length() <= PATH_CHARS_MAX;
    if (fits && path.indexOf('\0') < 0 && files.size() < FILES_MAX) {
      files.add(new NamedFile(option, path));
    }
  }

  private void add(String name, String value) {
    boolean known = fingerprints.containsKey(name) || fingerprints.size() < NAMES_MAX;
    fingerprints.merge(
        known ? name : FURTHER,
        fingerprint(value),
        (before, more) -> fingerprint(before + '\0' + value));
  }

  /** 16 bits of SHA-256, in hex. */
  public static String fingerprint(String value) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 2);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // Every Java has it.
    }
  }

  /** The files that may be its configuration, in the order of the command line. */
  public List<NamedFile> configurationFiles() {
    return List.copyOf(files);
  }

  /** What tells this command line from others: a line with fingerprint and name for each option. */
  public String state() {
    StringBuilder state = new StringBuilder();
    fingerprints.forEach(
        (name, value) -> state.append(value).append(' ').append(name).append(SEPARATOR));
    return state.toString();
  }

  /**
   * The names of the options that differ between two states, {@code --size}; {@code --size (new)}
   * and {@code --size (gone)} where one of them lacks it. Empty when they are the same.
   */
  public static List<String> changed(String before, String after) {
    Map<String, String> old = parse(before);
    Map<String, String> now = parse(after);
    List<String> names = new ArrayList<>();
    now.forEach(
        (name, value) -> {
          if (!old.containsKey(name)) {
            names.add(name + " (new)");
          } else if (!value.equals(old.get(name))) {
            names.add(name);
          }
        });
    old.keySet().stream()
        .filter(name -> !now.containsKey(name))
        .forEach(name -> names.add(name + " (gone)"));
    return names;
  }

  /** A state is read back from a file that may be damaged: what is no line of one is left out. */
  private static Map<String, String> parse(String state) {
    Map<String, String> parsed = new LinkedHashMap<>();
    for (String line : state.split("\n", NAMES_MAX + 2)) {
      int blank = line.indexOf(' ');
      if (blank > 0 && blank < line.length() - 1 && line.indexOf(SEPARATOR) < 0) {
        parsed.put(
            ForeignText.harmless(line.substring(blank + 1), NAME_CHARS_MAX + 1),
            line.substring(0, blank));
      }
    }
    return parsed;
  }
}
