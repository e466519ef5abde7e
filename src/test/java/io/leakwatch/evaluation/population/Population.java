package io.leakwatch.evaluation.population;

import java.util.ArrayList;
import java.util.List;

/**
 * Processes as they come: shape, noise and figures of each are drawn from wide distributions, so
 * that no family is there to be tuned for. Most of a population is boring.
 *
 * <p>All heights are shares of a base of 0.3 to 60 GB. The shapes of {@link HeldOut} have other
 * formulae.
 */
public final class Population {
  private static final double HOUR = 1 / 24.0;
  private static final double MINUTE = HOUR / 60;

  /** Share of the births that are a straight fill to a configured size. */
  private static final double FILL_AT_BIRTH = .02;

  private static final double STEPS_PER_DAY = .02;
  private static final double BURSTS_PER_DAY = .05;
  private static final double ROLLOUTS_PER_DAY = .008;
  private static final double TWO_PI = 2 * Math.PI;

  private final Plan plan;
  private final Draw draw;
  private Course course;
  private double onset;

  private Population(Plan plan) {
    this.plan = plan;
    draw = new Draw(plan.key());
    double base = draw.split().logUniform(.3, 60) * Course.GB;
    course = lives(base, draw.split());
  }

  public static Scenario make(Plan plan) {
    return plan.heldOut() ? HeldOut.make(plan) : new Population(plan).scenario();
  }

  private Scenario scenario() {
    birth(draw.split());
    cycle(draw.split());
    saw(draw.split());
    batch(draw.split());
    noise(draw.split());
    events(draw.split());
    fills(draw.split());
    Draw last = draw.split();
    double start = 1.7e9 + Math.rint(last.uniform(0, 7 * 86400));
    if (!plan.leaks()) {
      return course.benign(limit(course, last), start);
    }
    leak(course, onset, increments(last), last);
    return course.leaking(limitOfLeak(course, onset, last), start);
  }

  /** When the process was born, when the watch begins, and when it is restarted. */
  private Course lives(double base, Draw d) {
    return lives(plan, base, d, (days, step) -> Course.regular(days, step), x -> onset = x);
  }

  /** The times of the samples of a watch. */
  interface Sampling {
    double[] times(double days, double stepSeconds);
  }

  /** Takes the time of the onset. */
  interface Onset {
    void at(double days);
  }

  static Course lives(Plan plan, double base, Draw d, Sampling sampling, Onset onset) {
    List<Double> restarts = new ArrayList<>();
    if (plan.leaks()) {
      double last = Plan.LEAK_DAYS[plan.rate()];
      double at;
      double age = 0;
      switch (plan.group()) {
        case OLD -> {
          age = d.uniform(5, 60);
          at = d.uniform(0, 1);
        }
        case FOURTH -> {
          double from = 0;
          for (int k = 0; k < 3; k++) {
            from += d.uniform(.5, 3);
            restarts.add(from);
          }
          at = from + d.uniform(plan.surges() ? .1 : 0, 1);
        }
        case EVERY -> {
          double from = 0;
          double days = plan.surges() ? 3 : 10;
          while (from < days) {
            from += plan.surges() ? d.uniform(4.5, 9) * HOUR : d.logUniform(.25, 3);
            restarts.add(from);
          }
          restarts.remove(restarts.size() - 1);
          at = d.uniform(0, .1);
          last = days - at;
        }
        default ->
            at =
                d.uniform(
                    plan.surges() && plan.band() == 0 ? .1 : Plan.ONSET_FROM[plan.band()],
                    Plan.ONSET_TO[plan.band()]);
      }
      onset.at(at);
      return new Course(plan, base, sampling.times(at + last, plan.stepSeconds()), age, restarts);
    }
    int kind = d.pick(.88, .03, .03, .03, .03);
    double end = plan.days();
    double from = 0;
    double shortest = d.logUniform(.5, 5) * HOUR;
    while (kind > 0 && from < end) {
      from +=
          switch (kind) {
            case 1 -> shortest * d.uniform(.7, 1.5);
            case 2 -> d.uniform(6, 30) * HOUR;
            case 3 -> 1 + .01 * d.gaussian();
            default -> d.uniform(1, 5);
          };
      restarts.add(from);
    }
    if (kind == 0) {
      restarts.addAll(d.poisson(ROLLOUTS_PER_DAY, 0, end));
    }
    double age =
        switch (d.pick(.72, .1, .18)) {
          case 0 -> 0;
          case 1 -> d.logUniform(5 * MINUTE, 5);
          default -> d.uniform(5, 60);
        };
    if (kind > 0 && kind < 4) {
      age = d.chance(.5) ? 0 : d.uniform(0, restarts.get(0) / 2);
    }
    Course course = new Course(plan, base, sampling.times(end, plan.stepSeconds()), age, restarts);
    List<String> kinds =
        List.of("one life", "crash loop", "hopping", "nightly restart", "lives of days");
    course.trait(kinds.get(kind), "%d lives", course.lives());
    course.trait(age == 0 ? "born" : age < 5 ? "met young" : "met old", "at %.2f d", age);
    return course;
  }

  private void birth(Draw d) {
    boolean warm = plan.mode().equals("warm-up");
    int kind = warm ? 1 : d.pick(.26, .39, .13, .09, .05, FILL_AT_BIRTH, .06);
    double tall = d.uniform(.2, .95);
    double tau = d.chance(.75) ? d.logUniform(2 * MINUTE, 3 * HOUR) : d.logUniform(.125, 1.5);
    double slow = d.logUniform(4, 48) * HOUR;
    double low = d.uniform(.05, .35);
    double power = d.uniform(.5, 2);
    double ends = d.logUniform(1, 20);
    double creep = d.logUniform(.005, .06);
    double fill = d.logUniform(1, 48) * HOUR;
    double full = d.uniform(.25, 1.5);
    double begins = d.uniform(0, .05);
    double evicted = full * d.uniform(.005, .03);
    double evictions = d.uniform(1, 12);
    Course.Curve curve;
    switch (kind) {
      case 0 -> {
        course.trait("born full", "");
        curve = t -> 0;
      }
      case 1 -> {
        course.trait("exponential warm-up", "%.0f %% in %.2f h", 100 * tall, tau / HOUR);
        curve = t -> -tall * Math.exp(-t / tau);
      }
      case 2 -> {
        double fast = d.logUniform(2 * MINUTE, 2 * HOUR);
        course.trait(
            "two-stage warm-up", "%.2f h, %.0f %% in %.1f h", fast / HOUR, 100 * low, slow / HOUR);
        curve = t -> -.5 * tall * Math.exp(-t / fast) - low * Math.exp(-t / slow);
      }
      case 3 -> {
        course.trait("power-law warm-up", "%.0f %%, %.2f h ^ %.1f", 100 * tall, tau / HOUR, power);
        curve = t -> -tall * Math.pow(1 + t / tau, -power);
      }
      case 4 -> {
        course.trait("logarithmic warm-up", "%.1f %%, up to %.0f d", 100 * creep, ends);
        curve = t -> creep * Math.log1p(Math.min(t, ends) / (.02 + tau / 10));
      }
      case 5 -> {
        boolean also = d.chance(.4);
        course.trait(
            "fill at birth",
            "%.0f %% in %.1f h%s",
            100 * full,
            fill / HOUR,
            also ? ", warm-up" : "");
        for (double start : course.lifeStarts) {
          course.rise("fill at birth", start + begins, fill, full, true);
        }
        curve =
            t ->
                (also ? -.5 * tall * Math.exp(-t / tau) : 0)
                    + full * Math.max(0, Math.min(1, (t - begins) / fill))
                    - (t - begins > fill ? evicted * (t * evictions % 1) : 0);
      }
      default -> {
        double[] stages = stages(d, fill);
        course.trait("pools", "%.0f %% in %d of %.1f h", 100 * full, stages.length, fill / HOUR);
        curve = t -> full * reached(stages, t - begins) / stages.length;
      }
    }
    double[] size = new double[course.lives()];
    double[] stretch = new double[course.lives()];
    double[] shift = new double[course.lives()];
    boolean rollouts = course.traits.contains("one life");
    for (int k = 0; k < size.length; k++) {
      size[k] = Math.exp(.04 * d.gaussian());
      stretch[k] = kind == 5 ? 1 : Math.exp(.1 * d.gaussian());
      shift[k] = rollouts && k > 0 ? d.uniform(-.2, .4) : .01 * d.gaussian();
    }
    for (int i = 0; i < course.length(); i++) {
      int k = course.life[i];
      course.add(i, shift[k] + size[k] * curve.at(course.age[i] / stretch[k]));
    }
  }

  /** Times of the stages of something that comes in pieces. */
  private static double[] stages(Draw d, double lasts) {
    double[] at = new double[(int) d.logUniform(3, 40)];
    double sum = 0;
    for (int k = 0; k < at.length; k++) {
      sum += d.uniform(.3, 1.7);
      at[k] = sum;
    }
    for (int k = 0; k < at.length; k++) {
      at[k] *= lasts / sum;
    }
    return at;
  }

  private static int reached(double[] stages, double t) {
    int count = 0;
    while (count < stages.length && stages[count] <= t) {
      count++;
    }
    return count;
  }

  private void cycle(Draw d) {
    int kind =
        switch (plan.mode()) {
          case "daily" -> 1;
          case "weekly" -> 3;
          default -> d.pick(.55, .23, .12, .1);
        };
    if (kind == 0) {
      return;
    }
    double height = d.logUniform(.01, .4);
    double week = d.uniform(0, 7);
    double weekend = d.uniform(.3, 1);
    double jitter = d.uniform(.03, .2);
    double[] day = new double[(int) course.end() + 16];
    for (int k = 0; k < day.length; k++) {
      day[k] = Math.exp(jitter * d.gaussian());
    }
    switch (kind) {
      case 1 -> {
        course.trait("daily", "%.0f %%", 100 * height);
        wave(height, table(d, 4), week, weekend, day);
      }
      case 2 -> {
        double from = d.uniform(6, 10) * HOUR;
        double to = d.uniform(16, 20) * HOUR;
        double ramp = d.uniform(.5, 2) * HOUR;
        course.trait("office hours", "%.0f %%", 100 * height);
        for (int i = 0; i < course.length(); i++) {
          double t = course.days[i] + week;
          double hour = t % 1;
          double busy =
              Math.max(0, Math.min(1, Math.min((hour - from) / ramp, (to + ramp - hour) / ramp)));
          course.addBusy(i, t % 7 >= 5 ? 0 : height * busy * day[(int) t]);
        }
      }
      default -> {
        double[] shape = table(d, 3);
        double tall = d.logUniform(.02, .2);
        course.trait("weekly", "%.0f %% beside %.0f %% a day", 100 * tall, 50 * height);
        for (int i = 0; i < course.length(); i++) {
          course.addBusy(i, tall * at(shape, (course.days[i] + week) / 7));
        }
        wave(height / 2, table(d, 4), week, 1, day);
      }
    }
  }

  private void wave(double height, double[] table, double week, double weekend, double[] day) {
    for (int i = 0; i < course.length(); i++) {
      double t = course.days[i] + week;
      course.addBusy(i, height * at(table, t) * day[(int) t] * (t % 7 >= 5 ? weekend : 1));
    }
  }

  /** One turn of random harmonics, from 0 at its ends to 1. */
  private static double[] table(Draw d, int harmonics) {
    int n = 288;
    double[] raw = new double[n];
    for (int k = 1; k <= harmonics; k++) {
      double a = (k == 1 ? 1 : d.gaussian()) / k;
      double phase = d.uniform(0, 1);
      for (int j = 0; j < n; j++) {
        raw[j] += a * Math.cos(TWO_PI * (k * (double) j / n - phase));
      }
    }
    int lowest = 0;
    double highest = raw[0];
    for (int j = 0; j < n; j++) {
      lowest = raw[j] < raw[lowest] ? j : lowest;
      highest = Math.max(highest, raw[j]);
    }
    double power = d.uniform(.7, 2);
    double[] turned = new double[n + 1];
    for (int j = 0; j <= n; j++) {
      double share = (raw[(j + lowest) % n] - raw[lowest]) / (highest - raw[lowest]);
      turned[j] = Math.pow(share, power);
    }
    return turned;
  }

  private static double at(double[] table, double turns) {
    double x = (turns - Math.floor(turns)) * (table.length - 1);
    int j = Math.min(table.length - 2, (int) x);
    return table[j] + (x - j) * (table[j + 1] - table[j]);
  }

  private void saw(Draw d) {
    if (!plan.mode().equals("saw") && !d.chance(.28)) {
      return;
    }
    double height = d.logUniform(.03, .5);
    double period;
    double jitter = d.uniform(.03, .3);
    String name;
    if (d.chance(.15)) {
      name = "compaction saw";
      period = new double[] {2 * HOUR, 18 * HOUR, 7}[d.pick(.6, .37, .03)];
      jitter = .03;
    } else if (d.chance(.15)) {
      name = "collector near the sampling";
      period = d.uniform(.8, 3) * plan.stepSeconds() / 86400;
    } else if (d.chance(.99)) {
      name = "collector saw";
      period = d.logUniform(10 * MINUTE, 18 * HOUR);
    } else {
      name = "slow collector saw";
      period = d.logUniform(18 * HOUR, 7);
      height = Math.min(height, .3);
    }
    course.trait(name, "%.0f %% in %.2f h", 100 * height, period / HOUR);
    teeth(d, name, period, height, jitter);
    if (d.chance(.3)) {
      teeth(d, "", period / 8, height * .2, jitter);
    }
  }

  private void teeth(Draw d, String name, double period, double height, double jitter) {
    double phase = course.age[0] < MINUTE ? 0 : d.uniform(0, 1);
    double now = period * Math.exp(jitter * d.gaussian());
    double floor = 0;
    for (int i = 0; i < course.length(); i++) {
      phase = course.born(i) ? 0 : phase + (i == 0 ? 0 : course.since(i)) / now;
      if (phase >= 1) {
        phase -= Math.floor(phase);
        now = period * Math.exp(jitter * d.gaussian());
        floor = .03 * height * d.gaussian();
      }
      if (!name.isEmpty() && (i == 0 || course.born(i)) && height / now > .015) {
        course.rise("saw", course.days[i], (1 - phase) * now, (1 - phase) * height, true);
      }
      course.add(i, height * phase + floor);
    }
  }

  private void batch(Draw d) {
    if (!d.chance(.1)) {
      return;
    }
    double start = d.uniform(0, 1);
    double width = d.uniform(.5, 6) * HOUR;
    double height = d.logUniform(.08, .8);
    boolean ramp = d.chance(.35);
    int first = d.chance(.3) ? d.pick(1, 1, 1, 1, 1, 1, 1) : 99;
    course.trait(
        ramp ? "batch that ramps" : "batch", "%.0f %% for %.1f h", 100 * height, width / HOUR);
    for (int day = -1; day <= course.end(); day++) {
      double from = day + start + .007 * d.gaussian();
      double tall = height * Math.exp(.1 * d.gaussian());
      if (from > course.end() || (first < 99 && Math.floorMod(day + first, 7) >= 5)) {
        continue;
      }
      for (int i = course.index(Math.max(0, from));
          i < course.length() && course.days[i] < from + width;
          i++) {
        double share = (course.days[i] - from) / width;
        course.add(i, tall * (ramp ? share : Math.min(1, 20 * share)));
      }
    }
  }

  private void noise(Draw d) {
    wander(d, d.logUniform(.0005, .012), d.logUniform(10 * MINUTE, 3 * HOUR), true);
    double white = d.logUniform(.0001, .0012);
    for (int i = 0; i < course.length(); i++) {
      course.noise(i, white * d.gaussian());
    }
    if (plan.mode().equals("red noise") || d.chance(.1)) {
      double sd = d.logUniform(.003, .05);
      double tau = d.logUniform(6, 60) * HOUR;
      course.trait("red noise", "%.1f %%, %.0f h", 100 * sd, tau / HOUR);
      wander(d, sd, tau, false);
    } else if (d.chance(.05)) {
      walk(d);
    }
  }

  private void wander(Draw d, double sd, double tau, boolean allocator) {
    double x = sd * d.gaussian();
    for (int i = 0; i < course.length(); i++) {
      double a = Math.exp(-course.since(i) / tau);
      x = a * x + sd * Math.sqrt(1 - a * a) * d.gaussian();
      if (allocator) {
        course.noise(i, x);
      } else {
        course.add(i, x);
      }
    }
  }

  private void walk(Draw d) {
    double sd = d.logUniform(.01, .06);
    double bound = d.uniform(.03, .15);
    course.trait("walk", "%.1f %% a day within %.0f %%", 100 * sd, 100 * bound);
    double x = 0;
    for (int i = 0; i < course.length(); i++) {
      x += sd * Math.sqrt(course.since(i)) * d.gaussian();
      x = Math.abs(x) > bound ? Math.signum(x) * (2 * bound - Math.abs(x)) : x;
      course.add(i, x);
    }
  }

  private void events(Draw d) {
    for (double at : d.poisson(STEPS_PER_DAY, 0, course.end())) {
      double height = d.chance(.7) ? d.logUniform(.05, .6) : -d.uniform(.05, .3);
      double ramp = d.chance(.3) ? d.uniform(2, 60) * MINUTE : MINUTE;
      course.trait("step", "%.0f %% at %.1f h", 100 * height, at / HOUR);
      course.addFrom(at, t -> height * Math.min(1, t / ramp));
    }
    for (double at : d.poisson(BURSTS_PER_DAY, 0, course.end())) {
      double height = d.uniform(.05, .5);
      double rise = d.uniform(1, 30) * MINUTE;
      double tau = d.logUniform(.2, 6) * HOUR;
      course.trait("burst", "%.0f %% at %.1f h for %.1f h", 100 * height, at / HOUR, tau / HOUR);
      course.addFrom(at, t -> t < rise ? height * t / rise : height * Math.exp(-(t - rise) / tau));
    }
  }

  /** What fills late: indices are built, tenants come, a cache is switched on. */
  private void fills(Draw d) {
    for (double at : d.poisson(plan.lambda(), 0, course.end())) {
      double lasts = d.logUniform(1, 48) * HOUR;
      double height = d.logUniform(.1, .7);
      int form = d.pick(.4, .25, .15, .2);
      double[] stages = stages(d, lasts);
      double released = d.chance(.15) ? lasts + d.uniform(6, 72) * HOUR : Double.MAX_VALUE;
      String name = List.of("linear", "exponential", "logistic", "stairs").get(form) + " late fill";
      course.trait(name, "%.0f %% in %.1f h at %.1f h", 100 * height, lasts / HOUR, at / HOUR);
      course.rise("late fill", at, lasts, height, form == 0 || form == 3);
      course.addFrom(
          at,
          t ->
              t > released
                  ? 0
                  : height
                      * switch (form) {
                        case 0 -> Math.min(1, t / lasts);
                        case 1 -> 1 - Math.exp(-3 * t / lasts);
                        case 2 -> 1 / (1 + Math.exp(-10 * (t / lasts - .5)));
                        default -> reached(stages, t) / (double) stages.length;
                      });
    }
  }

  /** One process in eight lives near its limit, the others far from it. */
  static double limit(Course course, Draw d) {
    if (d.chance(.12)) {
      course.trait("near its limit", "");
      return course.median() / d.uniform(.8, .92);
    }
    return course.highest(Double.MAX_VALUE) * d.logUniform(1.3, 12);
  }

  static double limitOfLeak(Course course, double onset, Draw d) {
    Plan plan = course.plan;
    double before = 1.1 * course.highest(onset);
    if (plan.surges()) {
      double room = surge(course) * d.uniform(plan.group() == Plan.Group.EVERY ? 1 : .9, 1.5);
      return Math.max(before, course.levelAt(onset) + room);
    }
    return plan.group() == Plan.Group.EVERY
        ? course.highest(Double.MAX_VALUE) * d.uniform(1.1, 2)
        : Math.max(before, course.levelAt(onset) * d.uniform(1.6, 4));
  }

  static double surge(Course course) {
    return Plan.SURGE_GIGABYTES * Course.GB / course.base;
  }

  /** Puts the leak into the life in which it begins, or into each. */
  static void leak(Course course, double onset, Course.Increments increments, Draw d) {
    Plan plan = course.plan;
    if (plan.group() != Plan.Group.EVERY) {
      course.leak(onset, increments);
      return;
    }
    for (int k = 0; k < course.lives(); k++) {
      double at =
          k == 0 ? onset : course.lifeStarts.get(k) + d.uniform(0, plan.surges() ? .08 : .1);
      if (at < course.end() - 2 * HOUR) {
        course.leak(at, increments);
      }
    }
  }

  static double rate(Plan plan, Draw d) {
    return Plan.PER_DAY[plan.rate()] * d.logUniform(.8, 1.25);
  }

  private Course.Increments increments(Draw d) {
    if (plan.surges()) {
      double perDay = surge(course) / Plan.SURGE_DAYS;
      return (day, sinceOnset, since) ->
          perDay * Math.max(0, Math.min(since, Plan.SURGE_DAYS - (sinceOnset - since)));
    }
    double rate = rate(plan, d);
    return switch (plan.mode()) {
      case "stairs" -> {
        double chunk = rate / d.uniform(6, 24);
        double[] owed = {0};
        yield (day, sinceOnset, since) -> {
          owed[0] = (sinceOnset <= since ? 0 : owed[0]) + rate * since;
          double given = Math.floor(owed[0] / chunk) * chunk;
          owed[0] -= given;
          return given;
        };
      }
      case "office hours" -> {
        double hours = d.uniform(7, 10) * HOUR;
        double shift = d.uniform(0, 1);
        yield (day, sinceOnset, since) -> (day + shift) % 1 < hours ? rate * since / hours : 0;
      }
      case "accelerating" -> (day, sinceOnset, since) -> rate * since * (.5 + sinceOnset / 3);
      default -> (day, sinceOnset, since) -> rate * since;
    };
  }
}
