package io.leakwatch.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person reads. */
class QuantityTest {
  private static final double GIB = 1L << 30;
  private static final double DAY = 86_400;

  @ParameterizedTest
  @CsvSource({
    "0, 0 B, 0 B",
    "0.2, 0 B, 0 B",
    "-0.2, 0 B, 0 B",
    "1023, 1023 B, +1023 B",
    "1023.7, 1.0 KiB, +1.0 KiB",
    "1536, 1.5 KiB, +1.5 KiB",
    "4096, 4 KiB, +4 KiB",
    "4097, 4.0 KiB, +4.0 KiB",
    "102348, 99.9 KiB, +99.9 KiB",
    "102350, 100 KiB, +100 KiB",
    "805306368, 768 MiB, +768 MiB",
    "1048570, 1.0 MiB, +1.0 MiB",
    "-5368709120, -5 GiB, -5 GiB",
    "1125899906842624, 1 PiB, +1 PiB",
    "Infinity, ?, ?",
    "NaN, ?, ?"
  })
  void sizesShouldHaveTwoOrThreeDigitsAndOneSpelling(double bytes, String size, String signed) {
    assertEquals(size, Quantity.size(bytes));
    assertEquals(signed, Quantity.signed(bytes));
  }

  @Test
  void chunksShouldBeKnownByTheirLastByte() {
    assertEquals("8208 B", Quantity.exact(8208));
  }

  @Test
  void ratesShouldBeInTheTimeInWhichTheyAreEasyToPicture() {
    assertEquals("+3.0 GiB/day", Quantity.rate(3 * GIB / DAY));
    assertEquals("+2.8 GiB/day", Quantity.rate(3e9 / DAY));
    assertEquals("+23.3 GiB/hour", Quantity.rate(25e9 / 3600));
    assertEquals("-23.3 GiB/hour", Quantity.rate(-25e9 / 3600));
    assertEquals("+1.5 GiB/s", Quantity.rate(1.5 * GIB));
    assertEquals("0 B/day", Quantity.rate(0));
    assertEquals("0 B/day", Quantity.rate(-0.2 / DAY));
    assertEquals("?", Quantity.rate(Double.NaN));
  }

  @Test
  void errorsShouldBeAsFineAsTheirRate() {
    assertEquals("+2.8 GiB/day (±0.2)", Quantity.rate(3e9 / DAY, 2e8 / DAY));
    assertEquals("+2.8 GiB/day (±0.1)", Quantity.rate(3e9 / DAY, 2e4 / DAY));
    assertEquals("+23.3 GiB/hour", Quantity.rate(25e9 / 3600, Double.NaN));
    assertEquals("-11.4 MiB/day (±19.1)", Quantity.rate(-12e6 / DAY, 2e7 / DAY));
    assertEquals("+2.9 MiB/day (±18.6 GiB)", Quantity.rate(3.02e6 / DAY, 2e10 / DAY));
  }

  @Test
  void partsShouldBeInTheUnitOfTheirWhole() {
    double whole = 6.9 * GIB / 3600;
    assertEquals("+6.8 GiB/hour of +6.9", Quantity.rateOf(6.8 * GIB / 3600, whole));
    assertEquals("+0.2 GiB/hour of +6.9", Quantity.rateOf(0.2 * GIB / 3600, whole));
    assertEquals("+48.0 GiB/day", Quantity.rateOf(48 * GIB / DAY, Double.NaN));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 s",
    "0.0001, 1 ms",
    "0.5, 500 ms",
    "0.9996, 1 s",
    "2.13, 2.1 s",
    "9.96, 10 s",
    "119, 119 s",
    "119.6, 2 min",
    "7100, 118 min",
    "7199, 2 h",
    "8640, 2.4 h",
    "86400, 24 h",
    "172799, 2 days",
    "354240, 4.1 days",
    "34560000, 400 days",
    "86400000, 2.7 years",
    "NaN, ?"
  })
  void timesShouldBeInTheUnitOfWhichThereAreTwo(double seconds, String time) {
    assertEquals(time, Quantity.duration(seconds));
  }

  @ParameterizedTest
  @CsvSource({
    "-0.001, 0 %",
    "0, 0 %",
    "0.0001, 0.1 %",
    "0.004, 0.4 %",
    "0.011, 1 %",
    "0.849, 85 %",
    "0.998, 99.8 %",
    "0.9999, 99.9 %",
    "1, 100 %",
    "1.2, 100 %",
    "NaN, ?"
  })
  void nearlyAllShouldNotBeAll(double share, String percent) {
    assertEquals(percent, Quantity.percent(share));
  }

  @ParameterizedTest
  @CsvSource({"9999, 9999", "38000, 38.0 k", "500000, 500 k", "-1200000, -1.2 M", "NaN, ?"})
  void manyThingsShouldBeShort(double count, String text) {
    assertEquals(text, Quantity.count(count));
  }

  @Test
  void nothingShouldRoundTo1024OrCarryASignWithoutAValue() {
    Random random = new Random(5);
    for (int i = 0; i < 100_000; i++) {
      double bytes = Math.pow(2, 62 * random.nextDouble()) * (random.nextBoolean() ? 1 : -1);
      for (String text :
          new String[] {Quantity.signed(bytes), Quantity.rate(bytes), Quantity.rate(bytes / 1e9)}) {
        assertFalse(text.matches(".*\\b1024.*|[+-]0(\\.0)? .*"), text);
        assertTrue(text.matches("[+-]?\\d{1,4}(\\.\\d)? ([KMGTPE]i)?B(/day|/hour|/s)?"), text);
      }
    }
  }
}
