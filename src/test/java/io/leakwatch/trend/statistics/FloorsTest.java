package io.leakwatch.trend.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** The newest floors, and what they are thought to have been while nobody looked. */
class FloorsTest {
  private final Floors floors = new Floors(8);

  @Test
  void aFloorShouldBeFoundByItsPlaceWhenOlderOnesAreForgotten() {
    for (int bin = 0; bin < 30; bin++) {
      floors.accept(bin, 100 + bin);
      floors.accept(bin, 200 + bin);
    }
    double[] all = floors.toArray();
    assertEquals(8, all.length);
    for (int i = 0; i < all.length; i++) {
      long bin = floors.firstBin() + i;
      assertEquals(100 + bin, all[i]);
      assertEquals(all[i], floors.at(bin));
    }
  }

  @Test
  void aGapShouldBeBridgedByALine() {
    floors.accept(0, 1);
    floors.accept(1, 2);
    floors.accept(4, 8);
    floors.accept(5, 9);
    assertArrayEquals(new double[] {1, 2, 4, 6, 8}, floors.toArray(), 1e-6);
  }

  @Test
  void aGapLongerThanAllThatIsRememberedShouldLeaveItsLine() {
    floors.accept(0, 0);
    floors.accept(100, 100);
    floors.accept(101, 101);
    assertEquals(101, floors.openBin());
    assertEquals(100, floors.at(100), 1e-6);
  }
}
