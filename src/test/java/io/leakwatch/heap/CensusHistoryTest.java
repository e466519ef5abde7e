package io.leakwatch.heap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class CensusHistoryTest {

  @Test
  void shouldNameTheSizesThatGrewOverASpanHoweverOftenItLooks() {
    CensusHistory history = new CensusHistory(600);
    assertTrue(Double.isNaN(history.accept(0, census(0)).seconds()));
    for (int time = 60; time <= 6000; time += 60) {
      CensusHistory.Growth growth = history.accept(time, census(time));
      assertTrue(growth.seconds() <= 660, () -> growth.seconds() + " s");
      assertTrue(growth.seconds() >= Math.min(growth.seconds(), 300));
      // 2 chunks of 112 bytes a second; the other size stays.
      long count = Math.round(2 * growth.seconds());
      assertEquals(List.of(new SizeCensus.Growth(112, count, 112 * count)), growth.sizes());
    }
  }

  @Test
  void shouldSayNothingOfSizesThatShrank() {
    CensusHistory history = new CensusHistory(600);
    history.accept(0, census(1000));
    assertEquals(List.of(), history.accept(60, census(10)).sizes());
  }

  private static List<SizeClass> census(long time) {
    long count = 5 + 2 * time;
    return List.of(new SizeClass(112, count, 112 * count), new SizeClass(4112, 70, 4112 * 70L));
  }
}
