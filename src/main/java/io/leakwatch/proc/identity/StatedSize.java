package io.leakwatch.proc.identity;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The size that a process states on its command line: of the cache that it will fill.
 *
 * <p>Few options are known, those by which widely used servers are given a size. Whether one of
 * them is believed does not depend on the program, but for memcached's, which counts in MiB. Where
 * one is given again, the last counts; sizes of different options add up. Units are powers of 1024
 * ({@code 8g}, {@code 512MB}, {@code 4GiB}), and a bare number is bytes. Shared memory, like
 * PostgreSQL's buffers, is not among them, nor is the heap of a JVM: what leaks there lies beside
 * it, or below its bound. Whatever is no size between 1 byte and 1 PiB states nothing.
 */
public final class StatedSize {
  private static final long BYTES_MAX = 1L << 50;
  private static final int ARGUMENTS_MAX = 2048;
  private static final int ARGUMENT_CHARS_MAX = 80;
  private static final long MEMCACHED_UNIT_BYTES = 1L << 20;
  private static final Pattern SIZE =
      Pattern.compile("([0-9]{1,16})(?:([kmgt])i?b?|b)?", Pattern.CASE_INSENSITIVE);

  private static final String UNITS = "kmgt";

  private static final String MEMCACHED_MEMORY = "-m";

  /** Names before a value, underscores as hyphens, and what each of them sizes. */
  private static final Map<String, String> SIZED =
      Map.ofEntries(
          Map.entry("--maxmemory", "maxmemory"),
          Map.entry("maxmemory", "maxmemory"),
          Map.entry("--innodb-buffer-pool-size", "innodb-buffer-pool"),
          Map.entry("--cache-size", "cache"),
          Map.entry("--block-cache-size", "block-cache"),
          Map.entry("--memory-limit", "memory-limit"),
          Map.entry("--max-memory", "max-memory"));

  private final Map<String, Long> bytes = new HashMap<>();
  private final boolean memcached;
  private final long bareUnitBytes;

  private StatedSize(boolean memcached) {
    this.memcached = memcached;
    bareUnitBytes = memcached ? MEMCACHED_UNIT_BYTES : 1;
  }

  /**
   * Adds up what a command line states.
   *
   * @param commandLine the program's name first
   * @return 1 to 2^50 bytes, 0 where it states none
   */
  public static long bytes(List<String> commandLine) {
    if (commandLine.isEmpty()) {
      return 0;
    }
    StatedSize stated = new StatedSize(isMemcached(commandLine.get(0)));
    int end = Math.min(commandLine.size(), ARGUMENTS_MAX);
    for (int i = 1; i < end; i++) {
      stated.argument(commandLine.get(i), i + 1 < end ? commandLine.get(i + 1) : "");
    }
    long sum = stated.bytes.values().stream().mapToLong(Long::longValue).sum();
    return sum <= BYTES_MAX ? sum : 0;
  }

  private static boolean isMemcached(String program) {
    return program.endsWith("memcached");
  }

  private void argument(String argument, String next) {
    if (argument.length() > ARGUMENT_CHARS_MAX) {
      return;
    }
    if (memcached && argument.startsWith(MEMCACHED_MEMORY)) {
      String attached = argument.substring(MEMCACHED_MEMORY.length());
      state("memory-limit", attached.isEmpty() ? next : attached);
    } else {
      named(argument, next);
    }
  }

  private void named(String argument, String next) {
    int sign = argument.indexOf('=');
    String name = (sign < 0 ? argument : argument.substring(0, sign)).replace('_', '-');
    String sized = SIZED.get(name);
    if (sized != null) {
      state(sized, sign < 0 ? next : argument.substring(sign + 1));
    }
  }

  private void state(String sized, String value) {
    parse(value).ifPresent(size -> bytes.put(sized, size));
  }

  private OptionalLong parse(String value) {
    if (value.length() > ARGUMENT_CHARS_MAX) {
      return OptionalLong.empty();
    }
    Matcher matcher = SIZE.matcher(value);
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    long number = Long.parseLong(matcher.group(1));
    String prefix = matcher.group(2);
    long unit =
        prefix != null
            ? 1L << (10 * (1 + UNITS.indexOf(prefix.toLowerCase(Locale.ROOT))))
            : isBare(value) ? bareUnitBytes : 1;
    return number > 0 && number <= BYTES_MAX / unit
        ? OptionalLong.of(number * unit)
        : OptionalLong.empty();
  }

  private static boolean isBare(String value) {
    return value.charAt(value.length() - 1) <= '9';
  }
}
