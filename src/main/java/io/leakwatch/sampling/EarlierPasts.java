package io.leakwatch.sampling;

import io.leakwatch.history.StoreOutcome;
import io.leakwatch.sampling.judgement.Judgements;
import java.util.Collection;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has recorded what processes themselves remember of the time before they were watched, of a few in
 * each round.
 */
final class EarlierPasts {
  private static final Logger log = LoggerFactory.getLogger(EarlierPasts.class);

  /** Each is some 170 samples, and a transaction. */
  private static final int PER_ROUND = 8;

  private final Judgements judgements;

  /** Of whom any of it was news is judged anew by these. */
  EarlierPasts(Judgements judgements) {
    this.judgements = judgements;
  }

  void keep(
      Collection<WatchedProcess> processes,
      double nowSeconds,
      Function<SamplingLoop.EarlierPast, StoreOutcome> keeper) {
    int left = PER_ROUND;
    for (WatchedProcess watch : processes) {
      SamplingLoop.EarlierPast past =
          left == 0
              ? null
              : watch
                  .guarded(watch::earlierPast, Optional.<SamplingLoop.EarlierPast>empty())
                  .orElse(null);
      if (past == null) {
        continue;
      }
      left--;
      if (keeper.apply(past) instanceof StoreOutcome.Stored stored) {
        watch.forgetEarlierPast();
        if (stored.samples() > 0) {
          log.info(
              "{}: took {} earlier samples from its own record", watch.name(), stored.samples());
          judgements.again(watch.name(), watch.judgement(), nowSeconds);
        }
      }
    }
  }
}
