package io.leakwatch.field;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.harness.CommandOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weeks of a server's memory as monitoring recorded them every five minutes, replayed. */
class ReplayCasesTest {
  private static final double DAY = 86400;
  private static final double BEGIN = 1_767_225_600; // 2026-01-01 00:00 UTC, a Thursday

  @TempDir private Path directory;

  private Random random = new Random();

  /** Office hours; two fifths of it at weekends. */
  private static double load(double time) {
    double hour = time % DAY / 3600;
    int weekday = (int) ((time - BEGIN) / DAY) % 7;
    double ofDay = 0.3 + 0.7 * Math.max(0, Math.sin((hour - 6) / 12 * Math.PI));
    return ofDay * (weekday == 2 || weekday == 3 ? 0.4 : 1);
  }

  /** The changes of severity and verdict, and a summary as the last. */
  private List<JsonObject> replay(int days, double limit, double upgrade, DoubleUnaryOperator bytes)
      throws IOException {
    StringBuilder csv = new StringBuilder("time,incarnation,rss_anon_bytes,limit_bytes\n");
    for (double time = BEGIN; time < BEGIN + days * DAY; time += 300) {
      csv.append((long) time).append(time - BEGIN < upgrade * DAY ? ",1," : ",2,");
      csv.append((long) bytes.applyAsDouble(time)).append(',').append((long) limit).append('\n');
    }
    Path file = Files.writeString(directory.resolve("series.csv"), csv);
    try (CommandOutput output = new CommandOutput()) {
      assertEquals(0, output.execute(List.of("replay", "--json"), file), output::err);
      return output
          .out()
          .lines()
          .map(line -> JsonParser.parseString(line).getAsJsonObject())
          .toList();
    }
  }

  private void assertSilent(List<JsonObject> replayed) {
    assertFalse(replayed.get(replayed.size() - 1).get("fired").getAsBoolean(), replayed::toString);
  }

  /** A management daemon that is busier by day and loses so many bytes a day from a day on. */
  private List<JsonObject> glusterd(long seed, double lostPerDay, int days, double from)
      throws IOException {
    random = new Random(seed);
    double[] noise = new double[1];
    return replay(
        days,
        30e9,
        days,
        time -> {
          noise[0] = 0.98 * noise[0] + 1.2e6 * random.nextGaussian();
          double lost = lostPerDay * Math.max(0, (time - BEGIN) / DAY - from);
          return 780e6 + 45e6 * load(time) + noise[0] + lost;
        });
  }

  /** One alert that stays; the true rate and the time to 30 GB are met by this share. */
  private static void assertTold(
      List<JsonObject> replayed, double daysMax, double lostPerDay, double share) {
    JsonObject summary = replayed.get(replayed.size() - 1);
    assertTrue(summary.get("fired").getAsBoolean(), replayed::toString);
    assertEquals("leak", summary.get("final_verdict").getAsString(), replayed::toString);
    double first = summary.get("first_fired").getAsDouble();
    assertTrue(first <= BEGIN + daysMax * DAY, replayed::toString);
    List<JsonObject> alarms =
        replayed.stream()
            .filter(one -> one.has("severity") && one.get("time").getAsDouble() >= first)
            .toList();
    assertTrue(
        alarms.stream().noneMatch(one -> one.get("severity").getAsString().equals("none")),
        alarms::toString);
    JsonObject last = alarms.get(alarms.size() - 1);
    double rate = last.get("growth_bytes_per_day").getAsDouble();
    assertEquals(lostPerDay, rate, share * lostPerDay, alarms::toString);
    double left = 30e9 - 850e6 - lostPerDay * Math.max(0, (first - BEGIN) / DAY - 12);
    double seconds = left / lostPerDay * DAY;
    assertEquals(
        seconds,
        last.get("exhaustion_seconds").getAsDouble(),
        1.5 * share * seconds,
        last::toString);
  }

  /** Loses 500 MB a day from its start. Right: told within 3 days. */
  @Test
  void aDaemonThatLosesHalfAGigabyteADay() throws IOException {
    assertTold(glusterd(3446, 500e6, 15, 0), 3, 500e6, 0.15);
  }

  /** Loses 100 MB a day from its start. Right: told within 5 days. */
  @Test
  void aDaemonThatLosesAHundredMegabytesADay() throws IOException {
    assertTold(glusterd(3445, 100e6, 30, 0), 5, 100e6, 0.15);
  }

  /** Loses 130 MB a day after an update on day 12. Right: told within 2 days of it, not before. */
  @Test
  void aDaemonThatLosesAfterAnUpdate() throws IOException {
    List<JsonObject> replayed = glusterd(2094, 130e6, 30, 12);
    JsonObject summary = replayed.get(replayed.size() - 1);
    assertTrue(summary.get("fired").getAsBoolean(), replayed::toString);
    double first = (summary.get("first_fired").getAsDouble() - BEGIN) / DAY;
    assertTrue(first > 12 && first <= 14, replayed::toString);
    assertEquals("leak", summary.get("final_verdict").getAsString(), replayed::toString);
  }

  /** The same work, and nothing is lost. Right: silent. */
  @Test
  void itsSisterThatLosesNothing() throws IOException {
    assertSilent(glusterd(2095, 0, 30, 0));
  }

  /**
   * A heap that doubles before each collection. The period of five minutes slips against the
   * samples; on day 9 an upgrade makes it eleven hours and the peaks higher. Right: silent, for
   * what lives is the same.
   */
  @Test
  void collectionsThatBeatAgainstTheSamples() throws IOException {
    random = new Random(8472);
    double[] phase = new double[1];
    assertSilent(
        replay(
            24,
            8e9,
            9,
            time -> {
              boolean upgraded = time - BEGIN >= 9 * DAY;
              double live = 260e6 * (1 + 0.05 * load(time));
              double period = (upgraded ? 11 * 3600 : 297) * (0.97 + 0.06 * random.nextDouble());
              phase[0] = (phase[0] + 300 / period) % 1;
              double garbage = (upgraded ? 0.95 : 0.6) * phase[0];
              return live * (1 + garbage) * (1 + 0.01 * random.nextGaussian());
            }));
  }

  /**
   * Compaction every 2 hours, larger blocks every 6 and 18 hours, a big one each 6.75 days. Right:
   * silent; the rise before each weekly block is over after five hours.
   */
  @Test
  void compactionsOfHoursAndWeeks() throws IOException {
    random = new Random(8473);
    double week = 6.75 * DAY;
    assertSilent(
        replay(
            35,
            32e9,
            35,
            time -> {
              double x = 9e9 * (1 + 0.22 * (time % 7200) / 7200 + 0.10 * (time % 21600) / 21600);
              x += time % 64800 < 2400 ? 1.4e9 : 0;
              double inWeek = (time - BEGIN) % week;
              boolean block = inWeek < 5 * 3600 && time - BEGIN > DAY;
              x += block ? 4.5e9 * Math.min(1, inWeek / 7200) : 0;
              return x * (1 + 0.007 * random.nextGaussian());
            }));
  }
}
