package io.leakwatch.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

class HourFiguresTest {
  private static final double GB = 1e9;
  private static final double STEP_HOURS = 1 / 12.0;
  private static final int HOURS = 300;

  private final HourFigures figures = new HourFigures();
  private final float[] row = new float[HourFigures.names().size()];

  private void watch(DoubleUnaryOperator course, double ageWhenMet) {
    int closed = 0;
    for (int i = 0; i <= HOURS / STEP_HOURS; i++) {
      double hours = i * STEP_HOURS;
      if (figures.accept(hours, course.applyAsDouble(hours), ageWhenMet + hours)) {
        closed++;
        figures.write(row, 0);
      }
    }
    assertEquals(HOURS, closed, 1);
  }

  private double figure(String name) {
    return row[HourFigures.names().indexOf(name)];
  }

  @Test
  void shouldNameEachFigureOnce() {
    List<String> names = HourFigures.names();
    assertEquals(names.size(), new HashSet<>(names).size());
  }

  @Test
  void shouldSayThatAStraightLineGrows() {
    watch(hours -> GB * (1 + .01 * hours), 1000);
    for (String window : List.of("8 h", "24 h", "128 h", "life", "320 min")) {
      assertTrue(figure(window + ": grows") > .9, window);
      // Five of the seven steps between the floors of eight blocks.
      assertEquals(5 / 8.0, figure(window + ": steadiness"), .01, window);
    }
    assertEquals(.24 / 4, figure("24 h: rate"), .002);
    assertEquals(.24 / 4, figure("24 h: rise"), .002);
    assertEquals(1, figure("24 h: record"), .01);
    assertEquals(1, figure("24 h: steadiest before"), .01);
    assertEquals(1, figure("24 h: episodes before"));
    assertEquals(1, figure("steadiness of the day before"), .01);
    assertEquals(41, figure("age when met"), 1);
  }

  @Test
  void shouldSayThatAFlatCourseDoesNotGrow() {
    watch(hours -> 2 * GB, 0);
    for (String window : List.of("8 h", "24 h", "128 h", "life", "320 min")) {
      assertEquals(0, figure(window + ": grows"), window);
      assertEquals(0, figure(window + ": rise"), window);
      assertEquals(0, figure(window + ": straightness"), window);
    }
    assertEquals(0, figure("24 h: record"));
    assertEquals(0, figure("24 h: episodes before"));
    assertEquals(1, figure("floor to highest"));
    assertEquals(0, figure("age when met"), 1);
  }

  @Test
  void shouldCompareWithThePastOfThisLife() {
    watch(hours -> GB * (1 + .01 * Math.max(0, hours - 250)), 0);
    assertTrue(figure("24 h: grows") > .9);
    assertEquals(1, figure("24 h: steadiest before"), .05);
    assertEquals(0, figure("96 h: steadiest before"), .01);
    assertTrue(figure("96 h: record") > .5);
    assertEquals(0, figure("96 h: episodes before"));
  }

  @Test
  void shouldHaveNothingToSayOfWindowsLongerThanTheLife() {
    watch(hours -> 2 * GB, 0);
    figures.restart();
    for (double hours = 0; hours < 10; hours += STEP_HOURS) {
      if (figures.accept(hours, GB, hours)) {
        figures.write(row, 0);
      }
    }
    assertEquals(0, figure("8 h: rise"));
    assertTrue(Double.isNaN(figure("12 h: rise")));
    assertEquals(0, figure("320 min: rise"));
    assertTrue(Double.isNaN(figure("640 min: rise")));
  }
}
