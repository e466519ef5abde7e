package io.leakwatch.evaluation;

import io.leakwatch.alert.Severity;
import io.leakwatch.evaluation.families.Peers;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.verdict.VerdictKind;

/** A published rule on means of a ring of equal bins, looked at once an hour. */
final class PeerContestant implements Contestant {
  private static final double Z = 2.326;

  private final VerdictKind kind;
  private final int binSeconds;
  private final double[] ring;
  private int filled;
  private long bin;
  private double sum;
  private int count;
  private Told told;

  private PeerContestant(VerdictKind kind, int binSeconds, int bins) {
    this.kind = kind;
    this.binSeconds = binSeconds;
    ring = new double[bins];
    told = quiet();
    bin = -1;
  }

  /** Prometheus' {@code predict_linear} of six hours, a day ahead. */
  static Contestant predictLinear() {
    return new PeerContestant(VerdictKind.GROWING, 300, 72);
  }

  /** Mann-Kendall and Sen's slope of so many hours, 24 or 72. */
  static Contestant mannKendall(int hours) {
    return new PeerContestant(VerdictKind.LEAK, hours == 24 ? 900 : 3600, hours == 24 ? 96 : 72);
  }

  private static Told quiet() {
    return new Told(VerdictKind.STEADY, Severity.NONE, Double.NaN, Double.NaN, "");
  }

  @Override
  public void restart() {
    filled = 0;
    bin = -1;
    sum = 0;
    count = 0;
    told = quiet();
  }

  @Override
  public Told accept(Sample sample) {
    long at = (long) Math.floor(sample.timeSeconds() / binSeconds);
    if (at != bin) {
      if (count > 0) {
        System.arraycopy(ring, 1, ring, 0, ring.length - 1);
        ring[ring.length - 1] = sum / count;
        filled++;
        if (filled >= ring.length && (bin + 1) * binSeconds % 3600 < binSeconds) {
          boolean fires = fires(sample.get(Signal.LIMIT_BYTES));
          told =
              fires
                  ? new Told(kind, Severity.WARNING, Double.NaN, Double.NaN, "the rule fires")
                  : quiet();
        }
      }
      bin = at;
      sum = 0;
      count = 0;
    }
    sum += sample.get(Signal.RSS_ANON_BYTES);
    count++;
    return told;
  }

  private boolean fires(double limit) {
    if (kind == VerdictKind.GROWING) {
      Peers.Ols line = Peers.Ols.of(ring, 0, ring.length);
      return line.now() + line.slope() * 288 > limit;
    }
    return Peers.kendallZ(ring, 1) > Z
        && Peers.sen(ring) * 86400 / binSeconds > .01 * Peers.median(ring);
  }
}
