package io.leakwatch.config;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Which of the names that there are somebody may have meant who wrote one that there is not. */
public final class Spelling {
  private static final int CHARACTERS_MAX = 60;
  private static final int LETTERS_MIN = 3;

  private Spelling() {}

  /** The nearest of the candidates, empty where none is near. */
  public static Optional<String> nearest(String name, List<String> candidates) {
    int tolerance = Math.max(1, Math.min(name.length(), CHARACTERS_MAX) / 3);
    return candidates.stream()
        .filter(candidate -> distance(name, candidate) <= tolerance || abbreviates(name, candidate))
        .min(Comparator.comparingInt(candidate -> distance(name, candidate)));
  }

  /** Whether the key's letters occur in that order: {@code cmdline} for {@code command-line}. */
  private static boolean abbreviates(String key, String candidate) {
    String letters = plain(key);
    String longer = plain(candidate);
    int matched = 0;
    for (int i = 0; i < longer.length() && matched < letters.length(); i++) {
      if (longer.charAt(i) == letters.charAt(matched)) {
        matched++;
      }
    }
    return letters.length() >= LETTERS_MIN && matched == letters.length();
  }

  /** Levenshtein's distance, letters' case and the kind of separator disregarded. */
  static int distance(String a, String b) {
    String from = plain(a);
    String to = plain(b);
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }

  private static String plain(String key) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < Math.min(key.length(), CHARACTERS_MAX); i++) {
      if (Character.isLetterOrDigit(key.charAt(i))) {
        plain.append(Character.toLowerCase(key.charAt(i)));
      }
    }
    return plain.toString();
  }
}
