package io.leakwatch.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import io.leakwatch.text.Quantity;
import java.lang.reflect.Type;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Reads single values of a configuration. A refusal is an {@link IllegalArgumentException} whose
 * message goes on after the key: {@code must be …}.
 */
final class Values {
  private static final String VALUE = "value";

  private Values() {}

  /**
   * Reads a value as the type of a component.
   *
   * @param name of the component: a number whose name speaks of bytes is a size, one whose name
   *     ends in {@code Budget} or {@code Share} is a share from 0 to 1
   */
  static Object read(String name, Type type, ConfigValue value) {
    if (value.valueType() == ConfigValueType.OBJECT || value.valueType() == ConfigValueType.LIST) {
      throw new IllegalArgumentException("must be a single value");
    }
    String text = String.valueOf(value.unwrapped());
    if (type == String.class) {
      return text;
    }
    if (type == boolean.class) {
      return truth(text);
    }
    if (type == Duration.class) {
      return duration(value, text);
    }
    boolean size = name.startsWith("bytes") || name.contains("Bytes");
    if (type == long.class && size) {
      return bytes(value, text);
    }
    if (type == int.class && size) {
      return smallSize(bytes(value, text));
    }
    if (type == int.class || type == long.class) {
      return whole(type, text);
    }
    if (type == double.class) {
      return size ? (Object) (double) bytes(value, text) : real(name, text);
    }
    if (type == Path.class) {
      return path(text);
    }
    if (type == URI.class) {
      return uri(text);
    }
    if (type == Pattern.class) {
      return pattern(text);
    }
    throw new IllegalStateException("no way to read " + type);
  }

  private static int smallSize(long bytes) {
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("must be less than " + Quantity.size(1L << 31));
    }
    return (int) bytes;
  }

  private static boolean truth(String text) {
    return switch (text) {
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default -> throw new IllegalArgumentException("must be true or false, not `" + text + "`");
    };
  }

  private static Duration duration(ConfigValue value, String text) {
    if (text.equals("0")) {
      return Duration.ZERO;
    }
    Duration duration;
    try {
      duration = value.atKey(VALUE).getDuration(VALUE);
    } catch (ConfigException e) {
      throw new IllegalArgumentException(
          "must be a time like 500ms, 60s, 5m, 24h or 30d, not `" + text + "`", e);
    }
    if (value.valueType() == ConfigValueType.NUMBER || isDigits(text)) {
      throw new IllegalArgumentException(
          "needs a unit: "
              + text
              + "ms, "
              + text
              + "s, "
              + text
              + "m, "
              + text
              + "h or "
              + text
              + "d");
    }
    if (duration.isNegative()) {
      throw new IllegalArgumentException("must not be negative, as `" + text + "` is");
    }
    return duration;
  }

  private static boolean isDigits(String text) {
    return Character.isDigit(text.charAt(text.length() - 1));
  }

  private static long bytes(ConfigValue value, String text) {
    try {
      long bytes = value.atKey(VALUE).getBytes(VALUE);
      if (bytes >= 0) {
        return bytes;
      }
    } catch (ConfigException e) {
      throw new IllegalArgumentException(
          "must be a size like 64 MiB or 4096, not `" + text + "`", e);
    }
    throw new IllegalArgumentException("must not be negative, as `" + text + "` is");
  }

  private static Number whole(Type type, String text) {
    try {
      long number = Long.parseLong(text.strip());
      if (number >= 0 && (type == long.class || number <= Integer.MAX_VALUE)) {
        return type == int.class ? (Number) (int) number : (Number) number;
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a whole number, not `" + text + "`", e);
    }
    throw new IllegalArgumentException(
        "must be between 0 and " + Integer.MAX_VALUE + ", not `" + text + "`");
  }

  private static double real(String name, String text) {
    double number;
    try {
      number = Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a number, not `" + text + "`", e);
    }
    boolean share = name.endsWith("Budget") || name.endsWith("Share");
    if (!(number >= 0 && number <= (share ? 1 : Double.MAX_VALUE))) {
      throw new IllegalArgumentException(
          share
              ? "must be between 0 and 1, not `" + text + "`"
              : "must be 0 or more, not `" + text + "`");
    }
    return number;
  }

  private static Path path(String text) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("must be a path", e);
    }
  }

  private static URI uri(String text) {
    try {
      URI uri = new URI(text);
      if (("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
          && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "must be an address like http://host:9093, not `" + text + "`", e);
    }
    throw new IllegalArgumentException(
        "must be an address like http://host:9093, not `" + text + "`");
  }

  private static Pattern pattern(String text) {
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "must be a regular expression: " + e.getDescription() + " in `" + text + "`", e);
    } catch (StackOverflowError e) {
      throw new IllegalArgumentException("must be a simpler regular expression", e);
    }
  }
}
