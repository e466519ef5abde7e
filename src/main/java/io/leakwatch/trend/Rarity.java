package io.leakwatch.trend;

/**
 * How rare a growth is where nothing leaks, against the budget of false alarms.
 *
 * <p>"It grows now" is not "it leaks": a fill that has not stopped yet looks identical to a leak,
 * at every sample. What decides is how rare benign growth of that length and height is, in the
 * population and in this process' own past; and whether a random walk or this process' usual noise
 * would look like it. Both must be rarer than the budget. Each is a sum of logarithms, in nats.
 */
final class Rarity {
  /**
   * Growth since birth that has not bent for so long is as rare as the budget allows. Fills of all
   * lengths are about equally frequent on a logarithmic scale, so what has lasted twice as long is
   * half as frequent.
   */
  private static final double UNBENT_HOURS = 48;

  /** What the population is worth beside the own past: so many days, with so many episodes. */
  private static final double POPULATION_DAYS = 0.5;

  private static final double POPULATION_EPISODES = 0.1;

  /** More quiet days than that make nothing rarer: programs and loads change. */
  private static final double QUIET_DAYS_MAX = 6;

  /** Pareto exponent of the heights of benign rises: twice as high is 2.3 times as rare. */
  static final double HEIGHT_EXPONENT = 1.2;

  /** A rise of the past is an episode from this part of the present one on. */
  static final double EPISODE_SHARE = 3;

  /** Straightness beyond a random walk that is asked, nats. */
  private static final double WALK = 4.3;

  /** The same where the noise is known from the past. */
  private static final double OWN_NOISE = 3;

  /** What the number of windows tested each day costs, nats. */
  private static final double LOOKS = 2;

  /** Once both forms of the test run, the random walk's form pays for the other, nats. */
  static final double SHARED = 1.5;

  /** Probability that it grows now. */
  static final double GROWS = 0.8;

  /** The same against a step, where the noise is known. */
  static final double NO_STEP = 0.7;

  /** Share of the rise outside its two largest increments; a line has five sevenths. */
  static final double STEADY = 0.42;

  private static final double STEADY_ALLOWANCE = 0.3;

  /** The two largest of seven jumps of noise are worth so many standard deviations of the rise. */
  private static final double NOISE_JUMPS = 5;

  /** Smallest growth a day that is worth a word, as a share of the level. */
  static final double RATE_MIN = 0.01;

  /** Smallest rise where the noise is known, as a share of the level. */
  private static final double RISE_MIN = 0.008;

  /** Growth since birth that was so much faster in the window before slows down: a fill. */
  static final double SLOWING = 1.3;

  /**
   * An unwatched day of age, or of a sibling, is worth so many quiet ones, all of them this many at
   * most.
   */
  static final double AGE_WEIGHT = 0.2;

  static final double AGE_DAYS_MAX = 2;

  /** Such growth as has no evidence beyond the budget is reported once in so many days. */
  private static final double CALIBRATED_DAYS = 100;

  private final double asked;

  /**
   * Asks for a budget.
   *
   * @param budget of false alarms, in units of the calibrated one
   */
  Rarity(double budget) {
    asked = -Math.log(budget);
  }

  /** Such growth is reported once in so many days where nothing leaks. */
  static double days(double evidence) {
    return CALIBRATED_DAYS * Math.exp(evidence);
  }

  static boolean isWorthAWord(double rise, double hours, double level) {
    return rise / hours * 24 >= RATE_MIN * level && rise >= RISE_MIN * level;
  }

  /**
   * How many times as high a level is as its base, which counts as no less than a fiftieth of it.
   */
  static double height(double base, double level) {
    return level / Math.max(base, 0.02 * level);
  }

  static double steadyInNoise(double score) {
    return STEADY - Math.min(STEADY_ALLOWANCE, NOISE_JUMPS / score);
  }

  /** Laplace's rule: the log of by how much own episodes make such growth more frequent. */
  private static double frequent(double episodes) {
    return Math.log((episodes + POPULATION_EPISODES) / POPULATION_EPISODES);
  }

  private static double quiet(double days) {
    return Math.log((Math.min(days, QUIET_DAYS_MAX) + POPULATION_DAYS) / POPULATION_DAYS);
  }

  /**
   * How rare a fill is that looks like it; 0 is the budget.
   *
   * @param hours for which it has been growing
   * @param announced fills that the process announced and has not finished; each is as probable
   *     again as one of the population
   * @param height its level over where it began
   */
  double fill(double hours, double quietDays, int episodes, int announced, double height) {
    double known = quietDays / (quietDays + POPULATION_DAYS);
    return Math.log(hours / UNBENT_HOURS)
        + quiet(quietDays)
        - frequent(episodes + POPULATION_EPISODES * announced)
        + HEIGHT_EXPONENT * known * Math.log(Math.max(1, height))
        - asked;
  }

  /**
   * How rare such a course is for a random walk; 0 is the budget.
   *
   * @param straight see {@link Shape#straight}
   */
  double walk(double straight, double quietDays, int episodes) {
    return straight + quiet(quietDays) / 2 - frequent(episodes) - WALK - asked;
  }

  /**
   * The same where the noise is known. The belief in a random walk falls with the quiet days, and
   * the belief that tomorrow's noise is like that of the days before takes its place.
   *
   * @param ownRarity −ln of the probability of such a rise in this process' own noise
   */
  double noise(double straight, double ownRarity, double quietDays, int episodes) {
    double walks = Math.exp(-quiet(quietDays));
    double mixed = (1 - walks) * Math.exp(LOOKS - ownRarity) + walks * Math.exp(-straight - 1);
    return -Math.log(mixed) - 1 - frequent(episodes) - OWN_NOISE - asked;
  }
}
