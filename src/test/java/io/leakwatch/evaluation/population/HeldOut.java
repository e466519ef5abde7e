package io.leakwatch.evaluation.population;

import java.util.Arrays;
import java.util.List;

/**
 * The shapes that are kept out of all tuning, by formulae that {@link Population} does not have:
 * whoever works on the detector looks at the sums of this part only, and rarely.
 */
public final class HeldOut {
  private static final double HOUR = 1 / 24.0;
  private static final double MINUTE = HOUR / 60;

  private final Plan plan;
  private final Draw draw;
  private final Course course;
  private double onset;

  private HeldOut(Plan plan) {
    this.plan = plan;
    draw = new Draw(plan.key());
    double base = draw.split().logUniform(.3, 60) * Course.GB;
    Draw sampling = draw.split();
    boolean irregular = plan.mode().equals("irregular") || sampling.chance(.15);
    course =
        Population.lives(
            plan,
            base,
            draw.split(),
            (days, step) ->
                irregular ? irregular(days, step, sampling) : Course.regular(days, step),
            at -> onset = at);
    if (irregular) {
      course.trait("irregular samples", "%d", course.length());
    }
  }

  static Scenario make(Plan plan) {
    return new HeldOut(plan).scenario();
  }

  private Scenario scenario() {
    birth(draw.split());
    cycle(draw.split());
    saw(draw.split());
    noise(draw.split());
    events(draw.split());
    fills(draw.split());
    Draw last = draw.split();
    if (plan.mode().equals("quantised") || last.chance(.1)) {
      double quantum = last.uniform(.002, .012);
      course.trait("quantised", "%.1f %%", 100 * quantum);
      course.quantise(quantum);
    }
    double start = 1.7e9 + Math.rint(last.uniform(0, 7 * 86400));
    if (!plan.leaks()) {
      return course.benign(Population.limit(course, last), start);
    }
    Population.leak(course, onset, increments(last), last);
    return course.leaking(Population.limitOfLeak(course, onset, last), start);
  }

  /** Steps of a half to twice the usual, some left out, and gaps of hours. */
  private static double[] irregular(double days, double step, Draw d) {
    double[] times = new double[(int) (days * 86400 / step * 1.3) + 10];
    int n = 0;
    for (double t = 0; t <= days && n < times.length; n++) {
      times[n] = t;
      double next = step * d.uniform(.5, 1.5) * (d.chance(.05) ? 4 : 1);
      double gap = days > 1 && d.chance(step / 86400 / 3) ? d.logUniform(.5, 12) * 3600 : 0;
      t += Math.rint(next + gap) / 86400;
    }
    return Arrays.copyOf(times, n);
  }

  private void birth(Draw d) {
    int kind = d.pick(.3, .15, .15, .13, .1, .02, .07, .08);
    double tall = d.uniform(.2, .9);
    double tau = d.chance(.75) ? d.logUniform(3 * MINUTE, 3 * HOUR) : d.logUniform(.125, 1.2);
    double lasts = d.logUniform(1, 48) * HOUR;
    double power = d.uniform(.4, .8);
    double height = d.uniform(.25, 1.5);
    Course.Curve curve;
    switch (kind) {
      case 1 -> {
        course.trait("hyperbolic warm-up", "%.0f %%, %.2f h", 100 * tall, tau / HOUR);
        curve = t -> -tall * tau / (t + tau);
      }
      case 2 -> {
        course.trait("Gompertz warm-up", "%.0f %%, %.2f h", 100 * tall, tau / HOUR);
        curve = t -> -tall * (1 - Math.exp(-4 * Math.exp(-t / tau)));
      }
      case 3 -> {
        course.trait("tanh warm-up", "%.0f %%, %.2f h", 100 * tall, tau / HOUR);
        curve = t -> -tall * (1 - Math.tanh(t / tau));
      }
      case 4 -> {
        course.trait("stretched warm-up", "%.0f %%, %.2f h", 100 * tall, tau / HOUR);
        curve = t -> -tall * Math.exp(-Math.pow(t / tau, power));
      }
      case 5 -> {
        course.trait("fill at birth", "%.0f %% in %.1f h", 100 * height, lasts / HOUR);
        course.lifeStarts.forEach(at -> course.rise("fill at birth", at, lasts, height, true));
        curve = t -> height * Math.min(1, t / lasts);
      }
      case 6 -> {
        course.trait("power-law fill at birth", "%.0f %% in %.1f h", 100 * height, lasts / HOUR);
        curve = t -> height * Math.pow(Math.min(1, t / lasts), power);
      }
      case 7 -> {
        int doublings = d.pick(0, 0, 1, 1, 1, 1);
        course.trait("doubling tables", "%d in %.1f h", doublings, lasts / HOUR);
        curve =
            t -> {
              double share = Math.min(1, t / lasts);
              int done =
                  (int)
                      Math.floor(Math.log(1 + share * (Math.pow(2, doublings) - 1)) / Math.log(2));
              return height * (Math.pow(2, done) - 1) / (Math.pow(2, doublings) - 1);
            };
      }
      default -> {
        course.trait("born full", "");
        return;
      }
    }
    double[] size = new double[course.lives()];
    for (int k = 0; k < size.length; k++) {
      size[k] = Math.exp(.06 * d.gaussian());
    }
    for (int i = 0; i < course.length(); i++) {
      course.add(i, size[course.life[i]] * curve.at(course.age[i]));
    }
  }

  private void cycle(Draw d) {
    boolean square = plan.mode().equals("square load");
    int kind = square ? 1 : plan.mode().equals("two peaks") ? 2 : d.pick(.55, .15, .18, .12);
    if (kind == 0) {
      return;
    }
    double height = d.logUniform(.01, .4);
    double shift = d.uniform(0, 7);
    double duty = d.uniform(.2, .7);
    double turn = kind == 1 ? d.logUniform(1, 24) * HOUR : 1;
    double second = d.uniform(.25, .5);
    double broad = d.uniform(.03, .09);
    double less = d.uniform(.4, 1);
    double drift = .02 * d.gaussian();
    course.trait(
        List.of("square load", "two peaks", "triangle load").get(kind - 1),
        "%.0f %% in %.1f h",
        100 * height,
        turn / HOUR);
    double[] day = new double[(int) (course.end() / turn) + 40];
    for (int k = 0; k < day.length; k++) {
      day[k] = d.chance(.03) ? 0 : d.uniform(.7, 1.3);
    }
    for (int i = 0; i < course.length(); i++) {
      double t = (course.days[i] * (1 + drift) + shift) / turn;
      double at = t - Math.floor(t);
      double today = day[(int) (course.days[i] * (1 + Math.abs(drift)) / turn)];
      double share =
          switch (kind) {
            case 1 -> at < duty ? 1 : 0;
            case 2 -> bump((at - .3) / broad) + less * bump((at - .3 - second) / broad);
            default -> at < duty ? at / duty : (1 - at) / (1 - duty);
          };
      course.addBusy(i, height * share * today);
    }
  }

  private static double bump(double x) {
    return Math.exp(-x * x / 2);
  }

  /** Compactions give back a part only, until a large one gives back all. */
  private void saw(Draw d) {
    boolean partial = plan.mode().equals("partial release");
    if (!partial && !d.chance(.25)) {
      return;
    }
    double height = d.logUniform(.03, .35);
    double period = d.logUniform(15 * MINUTE, 18 * HOUR);
    double given = d.uniform(.5, .95);
    int major = 3 + d.pick(1, 1, 1, 1, 1, 1);
    double power = d.uniform(.5, 1.4);
    course.trait(
        "partial release",
        "%.0f %% in %.2f h, %.0f %% given back, all at each %d.",
        100 * height,
        period / HOUR,
        100 * given,
        major);
    double phase = 0;
    double kept = 0;
    double now = period;
    int count = 0;
    for (int i = 0; i < course.length(); i++) {
      phase = course.born(i) ? 0 : phase + (i == 0 ? 0 : course.since(i)) / now;
      kept = course.born(i) ? 0 : kept;
      if (phase >= 1) {
        phase -= Math.floor(phase);
        count++;
        kept = count % major == 0 ? 0 : kept + (1 - given) * height;
        now = period * d.uniform(.6, 1.4);
      }
      course.add(i, kept + height * Math.pow(phase, power));
    }
  }

  private void noise(Draw d) {
    double sd = d.logUniform(.0005, .008);
    double tau = d.logUniform(10 * MINUTE, 3 * HOUR);
    double heavy = d.uniform(2.5, 6);
    double fast = 0;
    double slow = 0;
    double levels = d.chance(.08) ? d.logUniform(.01, .1) : 0;
    double wander = d.chance(.1) ? d.logUniform(.01, .06) : 0;
    double bound = d.uniform(.03, .15);
    double stay = d.logUniform(.5, 24) * HOUR;
    boolean high = false;
    double walk = 0;
    if (levels > 0) {
      course.trait("two levels", "%.0f %%, %.1f h", 100 * levels, stay / HOUR);
    }
    if (wander > 0) {
      course.trait("walk", "%.1f %% a day within %.0f %%", 100 * wander, 100 * bound);
    }
    for (int i = 0; i < course.length(); i++) {
      double since = course.since(i);
      double a = Math.exp(-since / tau);
      double jump = (d.chance(.5) ? 1 : -1) * (d.pareto(heavy) - 1) * sd;
      fast = a * fast + Math.sqrt(1 - a * a) * jump;
      slow += (1 - a) * (2 * fast - slow);
      course.noise(i, fast + slow + (d.chance(.002) ? 10 * jump : .2 * jump));
      high = d.chance(1 - Math.exp(-since / stay)) != high;
      walk += wander * Math.sqrt(since) * (d.uniform(-1, 1) + d.uniform(-1, 1)) * 1.2;
      walk = Math.max(-bound, Math.min(bound, walk));
      course.add(i, (high ? levels : 0) + walk);
    }
  }

  private void events(Draw d) {
    for (double at : d.poisson(.06, 0, course.end())) {
      double height = Math.min(1, .05 * d.pareto(1.3));
      double lasts = d.logUniform(.1, 8) * HOUR;
      boolean box = d.chance(.5);
      course.trait("heavy burst", "%.0f %% at %.1f h", 100 * height, at / HOUR);
      course.addFrom(at, t -> height * (box ? t < lasts ? 1 : 0 : 1 / (1 + t * t / lasts / lasts)));
    }
    for (double at : d.poisson(.02, 0, course.end())) {
      double height = d.chance(.7) ? Math.min(.6, .05 * d.pareto(1)) : -d.uniform(.05, .3);
      course.trait("step", "%.0f %% at %.1f h", 100 * height, at / HOUR);
      course.addFrom(at, t -> height);
    }
  }

  private void fills(Draw d) {
    for (double at : d.poisson(plan.lambda(), 0, course.end())) {
      double lasts = d.logUniform(1, 48) * HOUR;
      double height = d.logUniform(.1, .7);
      double power = d.uniform(.5, 1.6);
      int form = d.pick(.3, .25, .25, .2);
      course.trait(
          List.of("power-law", "Gompertz", "pausing", "quadratic").get(form) + " late fill",
          "%.0f %% in %.1f h at %.1f h",
          100 * height,
          lasts / HOUR,
          at / HOUR);
      course.rise("late fill", at, lasts, height, form == 0 && power > .8 || form == 2);
      course.addFrom(
          at,
          t -> {
            double x = Math.min(1, t / lasts);
            return height
                * switch (form) {
                  case 0 -> Math.pow(x, power);
                  case 1 -> Math.exp(-5 * Math.exp(-6 * t / lasts));
                  case 2 -> x < .3 ? x / .6 : x < .7 ? .5 : .5 + (x - .7) / .6;
                  default -> x * (2 - x);
                };
          });
    }
  }

  private Course.Increments increments(Draw d) {
    if (plan.surges()) {
      double all = Population.surge(course);
      double shape = d.uniform(1, 2.5);
      return switch (plan.mode()) {
        case "exponential" ->
            (day, sinceOnset, since) ->
                all * (grown(sinceOnset, shape) - grown(sinceOnset - since, shape));
        case "jerks" ->
            (day, sinceOnset, since) ->
                sinceOnset - since > 1.5 * Plan.SURGE_DAYS
                    ? 0
                    : d.exponential(all * since / Plan.SURGE_DAYS);
        default ->
            (day, sinceOnset, since) ->
                all
                    / Plan.SURGE_DAYS
                    * Math.max(0, Math.min(since, Plan.SURGE_DAYS - sinceOnset + since));
      };
    }
    double rate = Population.rate(plan, d);
    return switch (plan.mode()) {
      case "heavy bursts" -> {
        double perDay = d.logUniform(4, 60);
        double tail = d.uniform(1.4, 2.5);
        double mean = tail / (tail - 1);
        yield (day, sinceOnset, since) ->
            d.chance(1 - Math.exp(-perDay * since))
                ? rate / perDay * Math.min(30, d.pareto(tail)) / mean
                : 0;
      }
      case "nightly job" -> {
        double width = d.uniform(1, 4) * HOUR;
        double shift = d.uniform(0, 1);
        yield (day, sinceOnset, since) -> (day + shift) % 1 < width ? rate * since / width : 0;
      }
      case "pauses a day" -> {
        double cycle = d.uniform(2.5, 5);
        yield (day, sinceOnset, since) -> sinceOnset % cycle > cycle - 1 ? 0 : rate * since;
      }
      case "two peaks" -> {
        double shift = d.uniform(0, 1);
        yield (day, sinceOnset, since) -> {
          double at = (day + shift) % 1;
          return rate * since * 4 * (bump((at - .3) / .05) + bump((at - .7) / .05));
        };
      }
      case "quadratic" -> (day, sinceOnset, since) -> rate * since * (.3 + sinceOnset / 2);
      default -> (day, sinceOnset, since) -> rate * since;
    };
  }

  private static double grown(double since, double shape) {
    double x = Math.max(0, Math.min(1, since / Plan.SURGE_DAYS));
    return Math.expm1(shape * x) / Math.expm1(shape);
  }
}
