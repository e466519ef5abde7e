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
        Spelling.nearest(key, siblings)
            .or(() -> elsewhere(key))
            .map(near -> ", did you mean `" + near + "`?")
            .orElse("; the keys here are " + String.join(", ", siblings));
    String where = section.isEmpty() ? "" : " in `" + section + "`";
    return ConfigurationProblem.at(value.origin(), "unknown key `" + key + "`" + where + hint);
  }

  /** The same key, or nearly, in another section. */
  private Optional<String> elsewhere(String key) {
    return paths.stream()
        .filter(path -> Spelling.distance(key, path.substring(path.lastIndexOf('.') + 1)) <= 1)
        .min(Comparator.comparingInt(String::length).thenComparing(Comparator.naturalOrder()));
  }
}
