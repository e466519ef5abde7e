package io.leakwatch.lab;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the program said of a server at one time, and what was measured beside it.
 *
 * @param before {@code inspect --json}
 * @param diagnosis {@code diagnose --json}, begun after that
 * @param after {@code inspect --json} again
 * @param daemon the daemon's verdict at the end, {@code ""} for none
 * @param measured from other sources than the program
 */
record Look(
    JsonObject before, JsonObject diagnosis, JsonObject after, String daemon, Measured measured) {

  /**
   * What the kernel and the server say of the same time.
   *
   * @param factsBefore the server's own statistics before the diagnosis
   * @param factsAfter the same after it
   * @param anonymousGrowthBytes from smaps_rollup, during the diagnosis
   * @param phaseGrowthBytes the same since the phase began
   */
  record Measured(
      String factsBefore, String factsAfter, long anonymousGrowthBytes, long phaseGrowthBytes) {
    private static final Pattern NUMBER = Pattern.compile("\\d+(\\.\\d+)?(e[+-]?\\d+)?");

    /**
     * By how much memory grew during the diagnosis, by the kernel's or the server's own figures.
     */
    long seenGrowthBytes() {
      double[] before = numbers(factsBefore);
      double[] after = numbers(factsAfter);
      double most = anonymousGrowthBytes;
      for (int i = 0; i < before.length && before.length == after.length; i++) {
        most = Math.max(most, after[i] - before[i]);
      }
      return (long) most;
    }

    private static double[] numbers(String facts) {
      return NUMBER
          .matcher(facts)
          .results()
          .mapToDouble(one -> Double.parseDouble(one.group()))
          .toArray();
    }
  }

  /** A suspect as the contract has it; unreferenced is null where it is not stated. */
  record Suspect(
      long chunkBytes, long bytesGrowth, String type, String kind, @Nullable Double unreferenced) {
    /** 0 where it is not stated. */
    double lostFraction() {
      return unreferenced == null ? 0 : unreferenced;
    }

    @Override
    public String toString() {
      return chunkBytes + " B " + kind + " " + type;
    }
  }

  /** Anonymous bytes of a process. */
  static long anonymousBytes(long pid) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "smaps_rollup"))) {
        if (line.startsWith("Anonymous:")) {
          return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("no Anonymous line of " + pid);
  }

  List<String> allocators() {
    List<String> allocators = new ArrayList<>();
    before.getAsJsonArray("allocators").forEach(one -> allocators.add(one.getAsString()));
    return allocators;
  }

  String verdict() {
    return text(diagnosis, "verdict");
  }

  double confidence() {
    return number(diagnosis, "confidence").orElse(0);
  }

  List<Suspect> suspects() {
    List<Suspect> suspects = new ArrayList<>();
    for (JsonElement element : diagnosis.getAsJsonArray("suspects")) {
      JsonObject one = element.getAsJsonObject();
      suspects.add(
          new Suspect(
              (long) number(one, "chunk_bytes").orElse(0),
              (long) number(one, "bytes_growth").orElse(0),
              text(one, "type"),
              text(one, "kind"),
              number(one, "unreferenced_fraction").stream().boxed().findFirst().orElse(null)));
    }
    return suspects;
  }

  /** The kind of mappings that diagnose says grows most; {@code ""} where none grows. */
  String mostGrown() {
    String most = "";
    double rate = 0;
    if (diagnosis.get("growth") instanceof JsonObject growth) {
      for (String kind : growth.keySet()) {
        double one = number(growth, kind).orElse(0);
        if (one > rate) {
          most = kind;
          rate = one;
        }
      }
    }
    return most;
  }

  /** By how much the allocator's bytes in use grew, as far as inspect knows them. */
  long inUseGrowthBytes() {
    return inUseBytes(after) - inUseBytes(before);
  }

  /** By how much it grew as diagnose itself says. */
  long statedGrowthBytes() {
    return (long)
        (number(diagnosis, "growth_bytes_per_second").orElse(0)
            * number(diagnosis, "span_seconds").orElse(0));
  }

  /** The share of the resident memory that nothing explains; NaN where inspect does not say. */
  double unexplainedShare() {
    double resident = number(after, "rss_bytes").orElse(0);
    OptionalDouble unexplained = number(after, "unexplained_bytes");
    return unexplained.isPresent() && resident > 0
        ? unexplained.getAsDouble() / resident
        : Double.NaN;
  }

  private static long inUseBytes(JsonObject inspection) {
    long sum = 0;
    if (inspection.get("ptmalloc") instanceof JsonObject heap) {
      sum += (long) number(heap, "in_use_bytes").orElse(0);
    }
    if (inspection.get("allocator_states") instanceof JsonArray states) {
      for (JsonElement state : states) {
        sum += (long) number(state.getAsJsonObject(), "in_use_bytes").orElse(0);
      }
    }
    return sum;
  }

  static String text(JsonObject object, String name) {
    JsonElement value = object.get(name);
    return value == null || value.isJsonNull() ? "" : value.getAsString();
  }

  static OptionalDouble number(JsonObject object, String name) {
    JsonElement value = object.get(name);
    return value == null || value.isJsonNull()
        ? OptionalDouble.empty()
        : OptionalDouble.of(value.getAsDouble());
  }
}
