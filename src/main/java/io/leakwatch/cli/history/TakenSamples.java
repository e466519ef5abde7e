package io.leakwatch.cli.history;

import io.leakwatch.history.HistorySettings;
import io.leakwatch.history.PackedSamples;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.sampling.judgement.Judgement;
import io.leakwatch.text.Quantity;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** The samples that an import takes, in order, and what is to be said of them. */
final class TakenSamples {
  /** A level that is so many times another is hardly the same process' figure. */
  private static final double SUSPICIOUS_FACTOR = 4;

  private static final double DAY_SECONDS = 86_400;

  private final String name;
  private final Continuation continuation;
  private final ImportedIncarnations lives;
  private final double nowSeconds;
  private final PackedSamples packed;
  private long added;

  /** Rows that were folded with others while they were read. */
  private long consolidated;

  private long wrongStarts;
  private double firstSeconds = Double.NaN;
  private double lastSeconds = Double.NaN;
  private double lastBytes = Double.NaN;
  private boolean lacksAnonymous;

  TakenSamples(
      String name, HistorySettings settings, Continuation continuation, double nowSeconds) {
    this.name = name;
    this.continuation = continuation;
    this.lives = new ImportedIncarnations(continuation);
    this.nowSeconds = nowSeconds;
    this.packed = new PackedSamples(settings, nowSeconds);
  }

  /**
   * Takes a sample.
   *
   * @param startSeconds when its process had begun, {@code NaN} where that is not known
   * @return false, and nothing happens, where it is not later than the one before
   */
  boolean add(Sample sample, double startSeconds) {
    Sample whole = lives.accept(sample, startSeconds);
    if (!packed.add(whole)) {
      return false;
    }
    added++;
    firstSeconds = Double.isNaN(firstSeconds) ? whole.timeSeconds() : firstSeconds;
    lastSeconds = whole.timeSeconds();
    lastBytes = whole.get(Signal.RSS_ANON_BYTES);
    lacksAnonymous |= whole.has(Signal.RSS_BYTES) && !whole.has(Signal.RSS_ANON_BYTES);
    return true;
  }

  /** So many more rows stand behind the samples. */
  void folded(long rows) {
    consolidated += rows;
  }

  /** A start of a process was none. */
  void wrongStart() {
    wrongStarts++;
  }

  long count() {
    return added;
  }

  /** All of them; no more can be added. */
  PackedSamples complete() {
    return packed.complete();
  }

  /**
   * How many, from when to when, and of which incarnations, one line each.
   *
   * @param kept samples that are or would be in the history
   */
  List<String> report(long kept, boolean dryRun) {
    long all = added + consolidated;
    return List.of(
        name
            + ": "
            + all
            + (all == 1 ? " sample from " : " samples from ")
            + at(firstSeconds)
            + " to "
            + at(lastSeconds)
            + (dryRun ? " would be imported" : " imported")
            + (kept < all ? ", consolidated to " + kept : ""),
        "  " + incarnations());
  }

  private String incarnations() {
    String count = lives.count() == 1 ? "one incarnation" : lives.count() + " incarnations";
    if (!lives.reachesWhatFollows()) {
      return count + ", ended before the recorded samples begin";
    }
    return count
        + (lives.count() == 1 ? ", which " : ", the last of which ")
        + (Double.isInfinite(continuation.beforeSeconds())
            ? "runs now"
            : "is recorded from " + at(continuation.beforeSeconds()) + " on");
  }

  /** What is doubtful about it, one line each. */
  List<String> doubts() {
    List<String> doubts = new ArrayList<>();
    boolean first = Double.isInfinite(continuation.beforeSeconds());
    if (added == 0) {
      return doubts;
    }
    if (first && continuation.incarnation().isEmpty()) {
      doubts.add(
          "no process is named "
              + name
              + " now and nothing is recorded for it: when one is found, it counts as"
              + " restarted (import while it runs if it is the same)");
    } else if (!continuation.incarnation().isEmpty()
        && Double.isNaN(continuation.startSeconds())
        && !lives.reachesWhatFollows()) {
      doubts.add(
          "the first recorded sample of "
              + name
              + " is from a process whose start is unknown (another boot): the process"
              + " counts as restarted there");
    }
    if (lacksAnonymous) {
      doubts.add(
          "the anonymous part of rss_bytes is unknown, so rss_bytes is imported as"
              + " it is; the level steps where the daemon's rss_anon_bytes begin");
    }
    if (wrongStarts > 0) {
      doubts.add(
          wrongStarts + " starts were ignored: they are not past times in seconds since 1970");
    }
    double follows = continuation.anonymousBytes();
    double pause = Math.min(nowSeconds, continuation.beforeSeconds()) - lastSeconds;
    boolean far =
        lastBytes > SUSPICIOUS_FACTOR * follows || lastBytes * SUSPICIOUS_FACTOR < follows;
    if (far && pause < DAY_SECONDS) {
      doubts.add(
          "the last imported rss_anon_bytes is "
              + Quantity.size(lastBytes)
              + ", the next recorded one is "
              + Quantity.size(follows)
              + ": are these bytes, and of this process?");
    }
    return doubts;
  }

  /** A time in UTC to the second, {@code never} where there is none. */
  static String at(double seconds) {
    return Double.isInfinite(seconds)
        ? "never"
        : Judgement.instant(seconds).truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
