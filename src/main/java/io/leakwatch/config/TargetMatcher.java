package io.leakwatch.config;

import io.leakwatch.proc.identity.ProgramNames;
import io.leakwatch.text.BoundedMatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Decides which processes are watched and how an instance is called.
 *
 * <p>A process is known by the file it executes or by the name that it was called by, not by what
 * else its command line mentions: libslack's daemon(1), shells, editors and greps carry the name of
 * a server among their arguments, and the kernel's own name of a process is cut to 15 bytes, so
 * that curve-snapshotcloneserver is {@code curve-snapshotc}.
 *
 * <p>A process chooses what the operator's expressions are held against, so an expression gets a
 * bounded number of steps and of nested calls; where they do not do, it does not match.
 */
public final class TargetMatcher {
  private static final int MAX_NAME_CHARS = 120;

  /** Of a process whose groups leave nothing of the template. */
  private static final String UNNAMED = "unnamed";

  private final List<TargetSettings> targets;

  public TargetMatcher(List<TargetSettings> targets) {
    this.targets = List.copyOf(targets);
  }

  /**
   * What is seen of a process.
   *
   * @param exe path of the executable; {@code ""} where it may not be read
   * @param cgroups paths of its cgroups, in all hierarchies
   * @param container short id or name of its container, {@code ""} for none
   */
  public record Candidate(
      String comm, String exe, List<String> commandLine, List<String> cgroups, String container) {
    List<String> programs() {
      return ProgramNames.of(comm, exe, commandLine);
    }
  }

  /**
   * What a process was recognised as.
   *
   * @param name instance name
   * @param groups what the named groups of the target's expressions have found
   */
  public record Match(String name, TargetSettings target, Map<String, String> groups) {}

  /**
   * The first target that means the process; a process without a command line is never meant.
   *
   * @param problems receives, in one line each, which expressions could not be decided
   */
  public Optional<Match> match(Candidate candidate, Consumer<String> problems) {
    if (candidate.commandLine().isEmpty()) {
      return Optional.empty();
    }
    for (TargetSettings target : targets) {
      Map<String, String> groups = new HashMap<>();
      groups.put(GroupNames.CONTAINER, candidate.container());
      try {
        if (holds(target, candidate, groups)) {
          return Optional.of(new Match(name(target.name(), groups), target, Map.copyOf(groups)));
        }
      } catch (BoundedMatch.Undecided e) {
        problems.accept("target `" + target.name() + "`: " + e.getMessage());
      }
    }
    return Optional.empty();
  }

  /** The name itself when it is free, otherwise the first free of NAME-2, NAME-3, … */
  public static String unique(String name, Set<String> taken) {
    String unique = name;
    for (int i = 2; taken.contains(unique); i++) {
      unique = name + "-" + i;
    }
    return unique;
  }

  private static boolean holds(
      TargetSettings target, Candidate candidate, Map<String, String> groups) {
    return conditions(target).stream().allMatch(asked -> asked.test().holds(candidate, groups));
  }

  /** Holds a process against one condition, and takes what its groups find. */
  interface Test {
    boolean holds(Candidate candidate, Map<String, String> groups);
  }

  /**
   * What a target asks of a process.
   *
   * @param key in the configuration
   */
  record Condition(String key, Test test) {}

  /** All that a target asks, at least one. */
  static List<Condition> conditions(TargetSettings target) {
    List<Condition> asked = new ArrayList<>();
    add(asked, "program", target.program(), (p, c, g) -> anyWhole(p, c.programs(), g));
    add(asked, "exe", target.exe(), (p, c, g) -> whole(p, c.exe(), g));
    add(asked, "comm", target.comm(), (p, c, g) -> whole(p, c.comm(), g));
    add(
        asked,
        "command-line",
        target.commandLine(),
        (p, c, g) -> found(p, List.of(String.join(" ", c.commandLine())), g));
    add(asked, "cgroup", target.cgroup(), (p, c, g) -> found(p, c.cgroups(), g));
    add(asked, "unit", target.unit(), TargetMatcher::unitHolds);
    return asked;
  }

  private interface PatternTest {
    boolean holds(Pattern pattern, Candidate candidate, Map<String, String> groups);
  }

  private static void add(
      List<Condition> asked, String key, Optional<Pattern> pattern, PatternTest test) {
    pattern.ifPresent(
        wanted ->
            asked.add(
                new Condition(key, (candidate, groups) -> test.holds(wanted, candidate, groups))));
  }

  private static boolean unitHolds(Pattern unit, Candidate candidate, Map<String, String> groups) {
    for (String cgroup : candidate.cgroups()) {
      Optional<String> name = unitOf(cgroup);
      if (name.isPresent() && whole(unit, name.get(), groups)) {
        return true;
      }
    }
    return false;
  }

  /** The innermost service or scope in a cgroup's path. */
  static Optional<String> unitOf(String cgroup) {
    String unit = null;
    for (String part : cgroup.split("/", -1)) {
      if (part.endsWith(".service") || part.endsWith(".scope")) {
        unit = part;
      }
    }
    return Optional.ofNullable(unit);
  }

  private static boolean anyWhole(Pattern pattern, List<String> texts, Map<String, String> groups) {
    return texts.stream().anyMatch(text -> whole(pattern, text, groups));
  }

  private static boolean whole(Pattern pattern, String text, Map<String, String> groups) {
    return BoundedMatch.matches(pattern, text, matcher -> take(matcher, groups));
  }

  private static boolean found(Pattern pattern, List<String> texts, Map<String, String> groups) {
    return texts.stream()
        .anyMatch(text -> BoundedMatch.isFound(pattern, text, matcher -> take(matcher, groups)));
  }

  private static void take(Matcher matcher, Map<String, String> groups) {
    for (String group : GroupNames.of(matcher.pattern())) {
      String value = matcher.group(group);
      if (value != null) {
        groups.put(group, value);
      }
    }
  }

  /** Fills the template; a group that is not there takes the separator before it along. */
  private static String name(String template, Map<String, String> groups) {
    StringBuilder name = new StringBuilder();
    Matcher placeholder = GroupNames.PLACEHOLDER.matcher(template);
    int end = 0;
    while (placeholder.find()) {
      name.append(template, end, placeholder.start());
      String value = groups.getOrDefault(placeholder.group(1), "");
      if (value.isEmpty()) {
        dropSeparator(name);
      }
      name.append(value);
      end = placeholder.end();
    }
    name.append(template, end, template.length());
    String safe = name.toString().replaceAll("[^A-Za-z0-9._:@+-]", "_");
    return safe.isEmpty() ? UNNAMED : safe.substring(0, Math.min(safe.length(), MAX_NAME_CHARS));
  }

  private static void dropSeparator(StringBuilder name) {
    int last = name.length() - 1;
    if (last > 0 && "-_.:@".indexOf(name.charAt(last)) >= 0) {
      name.setLength(last);
    }
  }
}
