package io.leakwatch.trend;

/** How rare a growth is where nothing leaks: in the population, and in this process' own past. */
final class Rarity {
  /** Unbent growth since birth, in hours, that is as rare as the budget allows. */
  static double UNBENT_HOURS = Double.parseDouble(System.getProperty("tb", "48"));

  /** What the population is worth beside the own past: so many days with so many episodes. */
  static double POPULATION_DAYS = Double.parseDouble(System.getProperty("h0", "0.5"));

  static final double POPULATION_EPISODES = 0.1;
  static final double HISTORY_DAYS_MAX = 6;

  /** Pareto exponent of the heights of benign rises. */
  static double HEIGHT_EXPONENT = Double.parseDouble(System.getProperty("a2", "1.2"));

  static final double EPISODE_SHARE = 3;
  static double GROWS = Double.parseDouble(System.getProperty("pg", "0.8"));
  static final double STEADY = 0.42;
  static double WANDER = Double.parseDouble(System.getProperty("lb0", "4.3"));
  static double OWN_WANDER = Double.parseDouble(System.getProperty("lbo", "3"));
  static double LOOKS = Double.parseDouble(System.getProperty("lk", "2"));
  static double SHARED = Double.parseDouble(System.getProperty("lbx", "1.5"));
  static double GA = Double.parseDouble(System.getProperty("ga", "0.3"));
  static double GS = Double.parseDouble(System.getProperty("gs", "5"));
  static double NO_STEP = Double.parseDouble(System.getProperty("ns", "0.7"));
  static final double RATE_MIN = 0.01;
  static final double RISE_MIN = 0.008;
  static final double SLOWING = 1.3;
  static final double AGE_WEIGHT = 0.2;
  static final double AGE_DAYS_MAX = 2;
  static final double OWN_RECORD = 1;

  /** Such growth as has no evidence beyond the budget is told once in so many days. */
  static final double CALIBRATED_DAYS = 1000;

  private final double asked;

  /**
   * @param budget of false alarms, in units of the calibrated one
   */
  Rarity(double budget) {
    asked = -Math.log(budget);
  }

  static boolean isWorthAWord(double rise, double hours, double level) {
    return rise > 0 && rise / hours * 24 >= RATE_MIN * level && rise >= RISE_MIN * level;
  }

  static double steadyInNoise(double score) {
    return STEADY - Math.min(GA, GS / score);
  }

  private static double episodes(int own) {
    return Math.log((own + POPULATION_EPISODES) / POPULATION_EPISODES);
  }

  double fill(double growingHours, double quietDays, int episodes, double height) {
    double quiet = Math.min(quietDays, HISTORY_DAYS_MAX);
    return Math.log(growingHours / UNBENT_HOURS)
        + Math.log((quiet + POPULATION_DAYS) / POPULATION_DAYS)
        - episodes(episodes)
        + HEIGHT_EXPONENT
            * quietDays
            / (quietDays + POPULATION_DAYS)
            * Math.log(Math.max(1, height))
        - asked;
  }

  double wander(double straight, double ownRarity, double quietDays, int episodes) {
    double weight = POPULATION_DAYS / (Math.min(quietDays, HISTORY_DAYS_MAX) + POPULATION_DAYS);
    double mixed =
        -Math.log((1 - weight) * Math.exp(LOOKS - ownRarity) + weight * Math.exp(-straight - 1))
            - 1;
    return mixed - episodes(episodes) - OWN_WANDER - asked;
  }

  double wanderAlone(double straight, double quietDays, int episodes) {
    double quiet = Math.min(quietDays, HISTORY_DAYS_MAX);
    return straight
        + 0.5 * Math.log((quiet + POPULATION_DAYS) / POPULATION_DAYS)
        - episodes(episodes)
        - WANDER
        - asked;
  }
}
