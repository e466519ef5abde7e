package io.leakwatch.heap.content;

import io.leakwatch.symbols.Symbolizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Divides strings by how they begin.
 *
 * <p>Keys, paths and messages that one place in a program makes begin alike. Such a begin is shown
 * when it is one of the configured ones; or when many different strings share it and the program's
 * own read-only data holds it too, for then it is the program's text and not its users'. Otherwise
 * only its form is shown.
 */
final class Prefixes {
  private static final int LABEL_CHARACTERS_MAX = 48;
  private static final int KEY_CHARACTERS = 3;
  private static final double OWN_SHARE = 0.1;
  private static final int DIFFERENT_MIN = 3;
  private static final double MOST_SHARE = 0.6;

  private final Symbolizer symbols;
  private final Masking masking;
  private final boolean showProgramText;

  Prefixes(Symbolizer symbols, Masking masking, boolean showProgramText) {
    this.symbols = symbols;
    this.masking = masking;
    this.showProgramText = showProgramText;
  }

  /**
   * Strings with a common begin.
   *
   * @param label as it may be shown, {@code ""} when they have nothing in common
   * @param members indexes into what was divided
   * @param isProgramText whether they begin with what the program itself holds
   */
  record Part(String label, List<Integer> members, boolean isProgramText) {}

  /**
   * Divides them. What users have written has no cause of its own however it begins: such texts
   * stay together.
   */
  List<Part> divide(List<String> texts) {
    Map<String, List<Integer>> byKey = new TreeMap<>();
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      String key = text.substring(0, Math.min(KEY_CHARACTERS, text.length()));
      byKey.computeIfAbsent(key, k -> new ArrayList<>()).add(i);
    }
    List<Part> parts = new ArrayList<>();
    List<Integer> rest = new ArrayList<>();
    for (List<Integer> members : byKey.values()) {
      if (members.size() < Math.max(2, OWN_SHARE * texts.size())) {
        rest.addAll(members);
      } else {
        parts.add(part(members.stream().map(texts::get).toList(), members));
      }
    }
    return withoutUsersTexts(parts, rest);
  }

  /** Joins the parts whose beginning is not the program's, under the label of what most have. */
  private static List<Part> withoutUsersTexts(List<Part> parts, List<Integer> rest) {
    List<Part> divided = new ArrayList<>();
    List<Integer> joined = new ArrayList<>(rest);
    Part largest = new Part("", List.of(), false);
    for (Part part : parts) {
      if (part.isProgramText()) {
        divided.add(part);
      } else {
        joined.addAll(part.members());
        largest = part.members().size() > largest.members().size() ? part : largest;
      }
    }
    if (!joined.isEmpty()) {
      boolean most = largest.members().size() >= MOST_SHARE * joined.size();
      divided.add(new Part(most ? largest.label() : "", joined, false));
    }
    return divided;
  }

  private Part part(List<String> texts, List<Integer> members) {
    String common = texts.get(0);
    for (String text : texts) {
      int n = 0;
      while (n < Math.min(common.length(), text.length()) && common.charAt(n) == text.charAt(n)) {
        n++;
      }
      common = common.substring(0, n);
    }
    boolean different = new HashSet<>(texts).size() >= DIFFERENT_MIN;
    if (!different) {
      return new Part(masked(common, false), members, false);
    }
    String words = common.replaceFirst("[0-9]+$", "");
    String stem = words.replaceFirst("[A-Za-z0-9]+$", "");
    for (String candidate : List.of(words, stem)) {
      if (candidate.length() >= KEY_CHARACTERS && isShown(candidate)) {
        return new Part("\"" + candidate + "…\"", members, true);
      }
    }
    return new Part(words.length() < KEY_CHARACTERS ? "" : masked(words, true), members, false);
  }

  /** A type's name stands in tables and alerts: of a long text its beginning tells enough. */
  private String masked(String text, boolean goesOn) {
    String shape = masking.shape(text);
    int shown = Math.min(LABEL_CHARACTERS_MAX, shape.length());
    return "\"" + shape.substring(0, shown) + (goesOn || shown < shape.length() ? "…" : "") + "\"";
  }

  private boolean isShown(String prefix) {
    return masking.isShown(prefix) || (showProgramText && symbols.isProgramText(prefix));
  }
}
