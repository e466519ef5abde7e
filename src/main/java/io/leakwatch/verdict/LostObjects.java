package io.leakwatch.verdict;

import java.util.List;

/**
 * Tells what is lost from what only looks so.
 *
 * <p>An object that nothing refers to can never be freed. But an object may look unreferenced that
 * is not: a register holds it that cannot be read, it changed hands while memory was read, or the
 * program stores its pointers in another form. So a search is made twice, some seconds apart. What
 * was freed in between was no leak, and where more than {@link #FREED_MAX} of the unreferenced ones
 * were, the program refers to such objects in a way that is not seen, and nothing is said of them.
 * Of the rest, so many must have survived unreferenced that a share of {@link #LOOKS_LOST} of held
 * objects that look lost would show as many in one of {@code 1 / CHANCE} searches (the tail of the
 * binomial distribution). Healthy servers of the laboratory stay below that share.
 */
final class LostObjects {
  private static final double LOOKS_LOST = 0.05;
  private static final double CHANCE = 1e-4;
  static final double FREED_MAX = 0.1;

  private LostObjects() {}

  /** Whether objects of a suspect are lost beyond what chance makes. */
  static boolean areCertain(Suspect suspect) {
    return suspect.references().unreferencedFraction() > 0
        && areCertain(suspect.references().survival());
  }

  private static boolean areCertain(Suspect.Survival found) {
    return found.lost() > 0 && tail(found.living(), found.lost(), LOOKS_LOST) <= CHANCE;
  }

  /**
   * Share of the living objects that are lost; {@code NaN} where that cannot be said: they are
   * referred to in a way that is not seen, or so few look lost that chance may have made them, and
   * yet they are no small part.
   */
  static double fraction(Suspect.Survival found) {
    if (found.living() == 0 || found.isReferredToUnseen()) {
      return Double.NaN;
    }
    double share = (double) found.lost() / found.living();
    return areCertain(found) || share <= LOOKS_LOST ? share : Double.NaN;
  }

  /** Bytes of the growth that are lost, as far as that is certain. */
  static double bytes(List<Suspect> suspects) {
    double sum = 0;
    for (Suspect suspect : suspects) {
      if (areCertain(suspect)) {
        sum += suspect.bytesGrowth() * suspect.references().unreferencedFraction();
      }
    }
    return sum;
  }

  /** Probability of so many or more successes in so many trials. */
  static double tail(int trials, int successes, double share) {
    double term = 0; // Logarithm of the probability of exactly i.
    for (int i = 0; i < successes; i++) {
      term += Math.log((double) (trials - i) / (i + 1));
    }
    term += successes * Math.log(share) + (trials - successes) * Math.log1p(-share);
    double sum = 0;
    for (int i = successes; i <= trials; i++) {
      sum += Math.exp(term);
      term += Math.log((double) (trials - i) / (i + 1)) + Math.log(share) - Math.log1p(-share);
    }
    return Math.min(1, sum);
  }
}
