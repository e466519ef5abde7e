package io.leakwatch.config;

import java.util.List;
import java.util.regex.Pattern;

/** The named groups of expressions, and the places for them in an instance name's template. */
final class GroupNames {
  /** A place that needs no group: the short id of the container. */
  static final String CONTAINER = "container";

  static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^}]*)}");
  private static final Pattern GROUP = Pattern.compile("\\(\\?<([A-Za-z][A-Za-z0-9]*)>");

  private GroupNames() {}

  static List<String> of(Pattern expression) {
    return firstGroups(GROUP, expression.pattern()).stream()
        .filter(name -> isGroup(expression, name))
        .toList();
  }

  static List<String> inTemplate(String template) {
    return firstGroups(PLACEHOLDER, template);
  }

  private static List<String> firstGroups(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(result -> result.group(1)).toList();
  }

  /** What looks like a group may be quoted. */
  private static boolean isGroup(Pattern expression, String name) {
    try {
      return expression.matcher("").replaceAll("${" + name + "}") != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
