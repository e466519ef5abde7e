package io.leakwatch.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemorySeriesTest {
  private static final double START = 1_790_000_000;
  private static final double BYTES = 1e9;
  private static final double BYTES_PER_SECOND = 30_000;

  /** What a process tells that leaks evenly. */
  private static List<MemorySeries.Point> leakOf(long ageSeconds) {
    BvarSeries series = new BvarSeries();
    for (long second = 0; second < ageSeconds; second++) {
      series.add(BYTES + BYTES_PER_SECOND * second);
    }
    return MemorySeries.parse(series.json()).orElseThrow().points(START + ageSeconds, START);
  }

  /** On a straight line there is no step, at no age and where no rings meet. */
  @ParameterizedTest
  @ValueSource(
      longs = {
        1, 59, 60, 61, 3_599, 3_600, 5_000, 86_399, 86_400, 100_000, 259_321, 1_000_000, 2_591_999,
        2_592_000, 2_600_000, 5_000_003
      })
  void pointsShouldLieWhereTheProcessWas(long ageSeconds) {
    List<MemorySeries.Point> points = leakOf(ageSeconds);
    double before = 0;
    for (MemorySeries.Point point : points) {
      assertTrue(point.timeSeconds() > before, "they rise");
      before = point.timeSeconds();
      double age = point.timeSeconds() - START;
      assertTrue(age >= 0 && age <= ageSeconds, () -> age + " s");
      // A look is half a second away from the middle of its second.
      assertEquals(BYTES + BYTES_PER_SECOND * age, point.bytes(), 1.5 * BYTES_PER_SECOND);
    }
    double covered = points.get(points.size() - 1).timeSeconds() - points.get(0).timeSeconds();
    assertTrue(covered > Math.min(29.4 * 86_400, 0.49 * ageSeconds - 60), () -> covered + " s");
    assertTrue(points.size() <= 174);
  }

  @Test
  void aStartThatIsWrongShouldCostNoMoreThanAWindow() {
    BvarSeries series = new BvarSeries();
    for (long second = 0; second < 200_000; second++) {
      series.add(BYTES + BYTES_PER_SECOND * second);
    }
    MemorySeries parsed = MemorySeries.parse(series.json()).orElseThrow();
    // As with a clock that was set ten days on since.
    for (MemorySeries.Point point : parsed.points(START + 200_000, START - 864_000)) {
      double seen = START + (point.bytes() - BYTES) / BYTES_PER_SECOND;
      double age = START + 200_000 - point.timeSeconds();
      double width = age < 3_700 ? 60 : age < 90_000 ? 3_600 : 86_400;
      assertEquals(seen, point.timeSeconds(), 1.2 * width + 60);
    }
  }

  @Test
  void whatIsNotFilledShouldNotCount() {
    assertEquals(60, leakOf(60).size());
    assertEquals(0, MemorySeries.parse(new BvarSeries().json()).orElseThrow().points(2, 1).size());
    assertTrue(
        Double.isNaN(MemorySeries.parse(new BvarSeries().json()).orElseThrow().newestBytes()));
  }

  @Test
  void anythingElseShouldBeNoSeries() {
    String good = new BvarSeries().json();
    assertTrue(MemorySeries.parse(good).isPresent());
    for (String bad :
        List.of(
            "",
            "Fail to find any bvar by `x'",
            "[" + good + "]", // Of a vector.
            "{\"label\":\"cdf\",\"data\":[[0,1],[1,2]]}",
            good.replace("[173,0]", "[173,\"x\"]"),
            good.replace("[5,0]", "[6,0]"),
            good.replace("[173,0]", "[173,0],[174,0]"),
            good.replace("[173,0]", "[173,0,0]"),
            good.substring(0, good.length() - 1),
            "[".repeat(60_000))) {
      assertEquals(Optional.empty(), MemorySeries.parse(bad), bad);
    }
  }

  @Test
  void uptimeShouldBeReadAsItIsPrinted() {
    assertEquals(6.566035, MemorySeries.uptimeSeconds("process_uptime : 6.566035\r\n"));
    assertEquals(2_592_000, MemorySeries.uptimeSeconds("process_uptime : 2592000"));
    assertTrue(Double.isNaN(MemorySeries.uptimeSeconds("process_uptime : soon")));
    assertTrue(Double.isNaN(MemorySeries.uptimeSeconds("<html>")));
  }

  @FuzzTest
  void shouldTakeAnything(byte[] bytes) {
    MemorySeries.parse(new String(bytes, StandardCharsets.ISO_8859_1))
        .ifPresent(
            series -> {
              List<MemorySeries.Point> points = series.points(START + 1_000_000, START);
              assertTrue(points.size() <= 174);
              points.forEach(
                  point ->
                      assertTrue(
                          point.bytes() > 0
                              && point.timeSeconds() >= START
                              && point.timeSeconds() <= START + 1_000_000));
            });
  }
}
