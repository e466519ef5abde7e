package io.leakwatch.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All keys that there are, to tell somebody who mistyped one which one was meant. */
final class KnownKeys {
  private final List<String> paths = new ArrayList<>();

  private KnownKeys() {}

  static KnownKeys of(ConfigObject reference) {
    KnownKeys known = new KnownKeys();
    known.collect("", reference);
    return known;
  }

  private void collect(String prefix, ConfigObject object) {
    for (Map.Entry<String, ConfigValue> entry : object.entrySet()) {
      String path = prefix + entry.getKey();
      paths.add(path);
      if (entry.getValue() instanceof ConfigObject section) {
        collect(path + ".", section);
      }
    }
  }

  /** The problem of a key that means nothing where it stands. */
  ConfigurationProblem unknown(
      ConfigValue value, String section, String key, List<String> siblings) {
    String hint =
        nearest(key, siblings)
            .or(() -> elsewhere(key))
            .map(near -> ", did you mean `" + near + "`?")
            .orElse("; keys here are " + String.join(", ", siblings));
    String where = section.isEmpty() ? "" : " in `" + section + "`";
    return ConfigurationProblem.at(value.origin(), "unknown key `" + key + "`" + where + hint);
  }

  private static Optional<String> nearest(String key, List<String> candidates) {
    int tolerance = Math.max(1, Math.min(key.length(), 60) / 3);
    return candidates.stream()
        .filter(candidate -> distance(key, candidate) <= tolerance || abbreviates(key, candidate))
        .min(Comparator.comparingInt(candidate -> distance(key, candidate)));
  }

  /** The same key, or nearly, in another section. */
  private Optional<String> elsewhere(String key) {
    return paths.stream()
        .filter(path -> distance(key, path.substring(path.lastIndexOf('.') + 1)) <= 1)
        .min(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
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
    return letters.length() >= 3 && matched == letters.length();
  }

  /** Levenshtein's distance, letters' case and the kind of separator disregarded. */
  private static int distance(String a, String b) {
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
    for (int i = 0; i < Math.min(key.length(), 60); i++) {
      if (Character.isLetterOrDigit(key.charAt(i))) {
        plain.append(Character.toLowerCase(key.charAt(i)));
      }
    }
    return plain.toString();
  }
}
