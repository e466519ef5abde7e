package io.leakwatch.replay;

import org.jspecify.annotations.Nullable;

/** What came of all files of a replay together. */
public final class ReplayTotal {
  private int files;
  private int judged;
  private int fired;
  private int incomplete;
  private long samples;
  private long episodes;
  private double days;

  /**
   * Takes the next file.
   *
   * @param summary null where it could not be opened
   * @param whole whether all of it could be used
   */
  public void add(Replay.@Nullable Summary summary, boolean whole) {
    files++;
    incomplete += whole ? 0 : 1;
    if (summary != null && summary.samples() > 0) {
      judged++;
      fired += summary.fired() ? 1 : 0;
      samples += summary.samples();
      episodes += summary.episodes();
      days += summary.days();
    }
  }

  public int files() {
    return files;
  }

  /** Files that could not be opened, or not be used to their end. */
  public int incomplete() {
    return incomplete;
  }

  int judged() {
    return judged;
  }

  int fired() {
    return fired;
  }

  long samples() {
    return samples;
  }

  AlarmRate rate() {
    return new AlarmRate(episodes, days);
  }
}
