package io.leakwatch.diagnosis;

import io.leakwatch.saved.core.SuccessiveCores;
import java.time.Duration;
import java.time.Instant;

/** The course of a process of which two core files were written: both readings are there. */
final class CoreCourse implements Course {
  private final SuccessiveCores cores;
  private double passedSeconds;

  CoreCourse(SuccessiveCores cores) {
    this.cores = cores;
  }

  @Override
  public double seconds() {
    return passedSeconds;
  }

  @Override
  public Instant time() {
    return cores.modified();
  }

  @Override
  public void toSecond(Duration span, double from, double readingSeconds, Runnable between) {
    cores.advance();
    passedSeconds = span.toNanos() / 1e9;
  }

  @Override
  public boolean goesOn() {
    return false;
  }
}
