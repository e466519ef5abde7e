package io.leakwatch.alert;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person reads. */
class WordsTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0 s, in 0 s",
    "119, 119 s, in 119 s",
    "7199, 119 min, in 119 min",
    "172799, 47 h, in 47 h",
    "183600, 2 d 3 h, in 2 d 3 h",
    "3456000, 40 d, in 40 d",
    "131739000000, over 2 years, not within 2 years",
    "Infinity, over 2 years, not within 2 years",
    "NaN, ?, in ?"
  })
  void timesShouldBeBelievable(double seconds, String time, String when) {
    assertEquals(time, Words.time(seconds));
    assertEquals(when, Words.when(seconds));
  }

  @ParameterizedTest
  @CsvSource({"0, 0 B", "1023, 1023 B", "1536, 1.5 KiB", "-5368709120, -5.0 GiB", "NaN, ?"})
  void sizesShouldHaveOneDecimal(double bytes, String size) {
    assertEquals(size, Words.size(bytes));
  }
}
