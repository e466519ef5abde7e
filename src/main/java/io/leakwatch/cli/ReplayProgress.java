package io.leakwatch.cli;

import io.leakwatch.text.Quantity;
import io.leakwatch.time.SystemTime;
import java.util.Locale;

/** How far a replay of many files is, as a line for a person who watches. */
public final class ReplayProgress {
  private static final int BAR_CELLS = 24;
  private static final long NANOS_BETWEEN = 100_000_000;
  private static final double NANOS = 1e9;

  private final Terminal terminal;
  private final int files;
  private final long bytes;
  private final long beginNanos = SystemTime.TIME.nanos();
  private long updatedNanos = beginNanos;

  /**
   * @param bytes of all files together, as they lie on the disk
   */
  public ReplayProgress(Terminal terminal, int files, long bytes) {
    this.terminal = terminal;
    this.files = files;
    this.bytes = bytes;
  }

  /** Tells at most ten times a second. */
  void update(int filesDone, long bytesDone, long samples) {
    long now = SystemTime.TIME.nanos();
    if (now - updatedNanos >= NANOS_BETWEEN) {
      updatedNanos = now;
      terminal.progress(line(filesDone, bytesDone, samples, (now - beginNanos) / NANOS));
    }
  }

  public String line(int filesDone, long bytesDone, long samples, double seconds) {
    double share = bytes > 0 ? Math.min(1, (double) bytesDone / bytes) : 0;
    int cells = (int) (share * BAR_CELLS);
    String bar = "=".repeat(cells) + (cells < BAR_CELLS ? ">" : "");
    return String.format(
        Locale.ROOT,
        "[%-" + BAR_CELLS + "s] %6s  %d of %d files, %.0f files/s, %s samples/s, %s left",
        bar,
        Quantity.percent(share),
        filesDone,
        files,
        filesDone / Math.max(1e-3, seconds),
        Quantity.count(samples / Math.max(1e-3, seconds)),
        share > 0 ? clock(seconds * (1 - share) / share) : "?");
  }

  private static String clock(double seconds) {
    long s = Math.round(seconds);
    return s < 3600
        ? String.format(Locale.ROOT, "%d:%02d", s / 60, s % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
  }
}
