package io.leakwatch.diagnosis;

import io.leakwatch.time.SystemTime;
import java.time.Duration;
import java.time.Instant;

/** The course of a process that runs: the second reading comes when the time has passed. */
final class LiveCourse implements Course {
  private static final int STEPS = 4;
  private static final double STEP_COST_MAX = 0.05;
  private static final long TICK_NANOS = 100_000_000;

  private final DiagnosisProgress progress;

  LiveCourse(DiagnosisProgress progress) {
    this.progress = progress;
  }

  @Override
  public double seconds() {
    return SystemTime.TIME.nanos() / 1e9;
  }

  @Override
  public Instant time() {
    return SystemTime.TIME.now();
  }

  /** Waits, and where walks are cheap against the span takes a few on the way. */
  @Override
  public void toSecond(Duration span, double from, double readingSeconds, Runnable between) {
    double wanted = span.toNanos() / 1e9;
    boolean cheap = readingSeconds < STEP_COST_MAX * wanted;
    progress.at("watching it grow", 0.05); // Naming may have taken longer than the span.
    for (int step = 1; step <= STEPS; step++) {
      double until = from + wanted * step / STEPS;
      while (seconds() < until) {
        double done = (seconds() - from) / wanted;
        progress.at("watching it grow", 0.05 + 0.85 * Math.min(1, done));
        SystemTime.TIME.pause(Math.min(TICK_NANOS, (long) ((until - seconds()) * 1e9)));
      }
      if (step < STEPS && cheap) {
        between.run();
      }
    }
  }

  @Override
  public boolean goesOn() {
    return true;
  }
}
