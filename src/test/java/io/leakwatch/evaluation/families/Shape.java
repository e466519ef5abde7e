package io.leakwatch.evaluation.families;

import io.leakwatch.trend.Growth;
import io.leakwatch.trend.Pattern;
import io.leakwatch.trend.Trend;
import io.leakwatch.verdict.VerdictKind;

/** What a memory does, as the protocol sorts it. */
enum Shape {
  LEAK,
  SATURATING,
  CYCLIC,
  STEP,
  PINNED,
  OK;

  /** After so long it is asked what it is. */
  static final int[] HORIZON_HOURS = {6, 24, 72};

  static Shape of(VerdictKind kind, Trend trend) {
    Growth growth = trend.anonymous();
    return switch (kind) {
      case LEAK, GROWING -> LEAK;
      case WARMING -> SATURATING;
      case CYCLIC -> CYCLIC;
      case HELD, PINNED -> PINNED;
      case STEADY -> growth != null && growth.pattern() == Pattern.STEP ? STEP : OK;
      case LOAD, UNKNOWN -> OK;
    };
  }

  /** The truth about a synthetic family. */
  static Shape truth(String family) {
    return switch (family) {
      case "B3", "B4" -> SATURATING;
      case "B2", "B6", "B7", "P2" -> CYCLIC;
      case "B5", "P3" -> STEP;
      case "P1" -> PINNED;
      default -> family.startsWith("L") ? LEAK : OK;
    };
  }
}
