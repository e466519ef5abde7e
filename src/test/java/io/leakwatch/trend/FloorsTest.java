package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What floors are thought to have been while nobody looked. */
class FloorsTest {
  private static final int CYCLE = 8;
  private static final double[] DAY = {1, 2, 5, 9, 9, 5, 2, 1};

  private static Floors days(int days, double perDay) {
    Floors floors = new Floors(8 * CYCLE, 2, CYCLE);
    for (int bin = 0; bin < days * CYCLE; bin++) {
      floors.accept(bin, DAY[bin % CYCLE] + perDay * (bin / CYCLE));
    }
    return floors;
  }

  private static double[] newest(Floors floors, int count) {
    double[] all = floors.toArray();
    return Arrays.copyOfRange(all, all.length - count, all.length);
  }

  @Test
  void aFloorShouldBeFoundByItsPlaceWhenOlderOnesAreForgotten() {
    Floors floors = days(11, 1);
    double[] all = floors.toArray();
    assertEquals(8 * CYCLE, all.length);
    for (int i = 0; i < all.length; i++) {
      long bin = floors.firstBin() + i;
      assertEquals(DAY[(int) (bin % CYCLE)] + bin / CYCLE, all[i]);
      assertEquals(all[i], floors.get(i));
    }
  }

  @Test
  void aShortGapShouldBeBridgedByALine() {
    Floors floors = days(2, 0);
    floors.accept(2 * CYCLE + 2, 4);
    assertArrayEquals(new double[] {1, 2, 3}, newest(floors, 3), 1e-6);
  }

  @Test
  void anUnseenNightShouldBeAsTheNightBefore() {
    Floors floors = days(2, 0);
    floors.accept(2 * CYCLE + 5, 5);
    assertArrayEquals(new double[] {1, 1, 2, 5, 9, 9}, newest(floors, 6), 1e-6);
  }

  @Test
  void whatLiesHigherThanTheDayBeforeShouldStayThereButNotRiseFurther() {
    Floors floors = days(3, 1);
    floors.accept(3 * CYCLE + 5, 8);
    assertArrayEquals(new double[] {3, 4, 5, 8, 11, 11}, newest(floors, 6), 1e-6);
  }

  @Test
  void whereMostOfADayIsMissingItShouldStandStill() {
    Floors floors = days(2, 0);
    floors.accept(3 * CYCLE, 1);
    assertArrayEquals(new double[] {1, 1, 1, 1, 1, 1, 1, 1}, newest(floors, 8), 1e-6);
  }

  @Test
  void whatWasSeenForLessThanADayShouldStandStill() {
    Floors floors = days(1, 0);
    floors.accept(CYCLE + 5, 7);
    assertArrayEquals(new double[] {1, 1, 1, 1, 1, 1}, newest(floors, 6), 1e-6);
  }
}
