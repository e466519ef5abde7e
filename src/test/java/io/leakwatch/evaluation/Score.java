package io.leakwatch.evaluation;

import io.leakwatch.alert.Severity;
import io.leakwatch.evaluation.population.Plan;
import io.leakwatch.evaluation.population.Scenario;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a detector told on one series.
 *
 * @param alarms on a benign series, or before the onset of a leak
 * @param daysByAge benign days by the age of the process, {@link #BANDS}; 0 where it is not known
 * @param daysByWatch the same by the time since the first sample
 * @param knownDays benign days of which more is known: the process was old when the watch began, or
 *     is in its fourth life
 * @param changes of the verdict's word
 * @param firstHours from the onset to the first message of any kind; infinite where there is none
 * @param heldHours to the first {@code held} or {@code pinned}
 * @param limitHours from the onset to the limit; infinite where it is not reached
 * @param leadHours from a message to the limit; negative where it came unannounced
 * @param way share of the way to the limit that was covered at the first message
 * @param lives hours from the onset in each life to a message in that life
 * @param forecasts probability told with a danger, and 1 if the limit was reached in time
 * @param why the reason of the first message
 */
public record Score(
    String id,
    Plan.Group group,
    int band,
    int rate,
    String mode,
    List<String> traits,
    String shape,
    int checksum,
    List<Alarm> alarms,
    double[] daysByAge,
    double[] daysByWatch,
    double knownDays,
    int changes,
    double firstHours,
    double dangerHours,
    double leakHours,
    double heldHours,
    double limitHours,
    double leadHours,
    double way,
    double[] lives,
    List<double[]> forecasts,
    String why) {

  public static final List<String> BANDS = List.of("0-6 h", "6-24 h", "1-3 d", "3-7 d", "> 7 d");
  private static final double HOUR = 3600;
  private static final double DAY = 86400;

  /** An alarm is a new one after so long without its message. */
  private static final double QUIET = DAY;

  private static final double EXCUSE_WITHIN = 12 * HOUR;
  private static final double EXCUSE_WAY = .5;
  private static final double EXCUSE_FULL = .95;
  private static final double AT_THE_LIMIT = .97;

  /** What an operator is told. */
  enum Message {
    DANGER,
    LEAK,
    HELD;

    public static @Nullable Message of(Contestant.Told told) {
      if (told.severity().compareTo(Severity.WARNING) < 0) {
        return null;
      }
      return switch (told.kind()) {
        case GROWING -> DANGER;
        case LEAK -> LEAK;
        case HELD, PINNED -> HELD;
        default -> null;
      };
    }
  }

  /**
   * A message where nothing leaks.
   *
   * @param first whether no other message was told within a day before
   * @param excused whether memory then set a record that covers half of what was left to the limit,
   *     or came within a twentieth of it
   * @param ageSeconds {@code NaN} where not known
   * @param known whether the process was old when the watch began, or is in its fourth life
   */
  public record Alarm(
      Message message,
      boolean first,
      boolean excused,
      double watchSeconds,
      double ageSeconds,
      boolean known,
      String reason) {}

  /** The band of an age or a time; -1 where it is not known. */
  public static int band(double seconds) {
    return Double.isNaN(seconds)
        ? -1
        : seconds < 6 * HOUR
            ? 0
            : seconds < DAY ? 1 : seconds < 3 * DAY ? 2 : seconds < 7 * DAY ? 3 : 4;
  }

  double days() {
    double sum = 0;
    for (double days : daysByWatch) {
      sum += days;
    }
    return sum;
  }

  public boolean benign() {
    return group == Plan.Group.BENIGN;
  }

  boolean ranIntoLimit() {
    return Double.isFinite(limitHours);
  }

  public boolean unannounced() {
    return ranIntoLimit() && !(leadHours > 0);
  }

  public static Score of(Scenario scenario, Contestant contestant, Scenario.Given given) {
    contestant.restart();
    Watch watch = new Watch(scenario);
    for (int i = 0; i < scenario.length(); i++) {
      watch.accept(i, contestant.accept(scenario.sample(i, given)));
    }
    return watch.score();
  }

  /** Gathers what is told while time goes on. */
  private static final class Watch {
    private final Scenario s;
    private final double[] lastOn = new double[Message.values().length];
    private final double[] first = new double[Message.values().length];
    private final List<Alarm> alarms = new ArrayList<>();
    private final double[] daysByAge = new double[BANDS.size()];
    private final double[] daysByWatch = new double[BANDS.size()];
    private final double[] lives;
    private final List<double[]> forecasts = new ArrayList<>();
    private @Nullable Message before;
    private double lastAny = Double.NEGATIVE_INFINITY;
    private double knownDays;
    private int changes;
    private Contestant.@Nullable Told newest;
    private int firstIndex = -1;
    private int firstOn = -1;
    private int limitIndex = -1;
    private int nextLife;
    private String why = "";

    Watch(Scenario scenario) {
      s = scenario;
      Arrays.fill(lastOn, Double.NEGATIVE_INFINITY);
      Arrays.fill(first, Double.POSITIVE_INFINITY);
      lives = new double[s.lifeOnsets().length];
      Arrays.fill(lives, Double.POSITIVE_INFINITY);
    }

    void accept(int i, Contestant.Told told) {
      double now = s.seconds()[i];
      boolean benign = s.benign() || i < s.onset();
      if (benign) {
        exposure(i);
        changes += newest != null && newest.kind() != told.kind() ? 1 : 0;
      } else if (limitIndex < 0 && s.bytes()[i] >= AT_THE_LIMIT * s.limit()[i]) {
        limitIndex = i;
      }
      newest = told;
      Message message = Message.of(told);
      if (message != null) {
        boolean rises = message != before;
        if (rises) {
          edge(i, benign, message, told);
        }
        lastOn[message.ordinal()] = now;
        lastAny = now;
        firstOn = !benign && firstOn < 0 ? i : firstOn;
      }
      life(i, message != null);
      before = message;
    }

    private void exposure(int i) {
      double days = i == 0 ? 0 : Math.min(DAY, s.seconds()[i] - s.seconds()[i - 1]) / DAY;
      daysByWatch[band(s.seconds()[i] - s.seconds()[0])] += days;
      if (!Double.isNaN(s.ageSeconds()[i])) {
        daysByAge[band(s.ageSeconds()[i])] += days;
      }
      knownDays += known(i) ? days : 0;
    }

    private boolean known(int i) {
      return s.life()[i] >= 3 || (s.life()[i] == 0 && s.ageSeconds()[0] > 5 * DAY);
    }

    private void edge(int i, boolean benign, Message message, Contestant.Told told) {
      double now = s.seconds()[i];
      if (benign) {
        if (now - lastOn[message.ordinal()] > QUIET) {
          alarms.add(
              new Alarm(
                  message,
                  now - lastAny > QUIET,
                  excused(i),
                  now - s.seconds()[0],
                  s.ageSeconds()[i],
                  known(i),
                  told.kind().wireName() + ": " + told.reason()));
        }
      } else {
        if (firstIndex < 0) {
          firstIndex = i;
          why = told.kind().wireName() + ": " + told.reason();
        }
        double hours = (now - s.seconds()[s.onset()]) / HOUR;
        first[message.ordinal()] = Math.min(first[message.ordinal()], hours);
      }
      if (message == Message.DANGER && !Double.isNaN(told.probability())) {
        forecast(i, told);
      }
    }

    private boolean excused(int i) {
      double record = 0;
      for (int k = 0; k <= i; k++) {
        record = s.life()[k] == s.life()[i] ? Math.max(record, s.bytes()[k]) : record;
      }
      double limit = s.limit()[i];
      double half = s.bytes()[i] + EXCUSE_WAY * (limit - s.bytes()[i]);
      for (int k = i; k < s.length() && s.seconds()[k] <= s.seconds()[i] + EXCUSE_WITHIN; k++) {
        double bytes = s.bytes()[k];
        if (bytes >= EXCUSE_FULL * limit || (bytes > record && bytes >= half)) {
          return true;
        }
      }
      return false;
    }

    private void forecast(int i, Contestant.Told told) {
      double until = s.seconds()[i] + told.horizonSeconds();
      for (int k = i; k < s.length() && s.seconds()[k] <= until; k++) {
        if (s.bytes()[k] >= AT_THE_LIMIT * s.limit()[k]) {
          forecasts.add(new double[] {told.probability(), 1});
          return;
        }
      }
      if (s.seconds()[s.length() - 1] >= until) {
        forecasts.add(new double[] {told.probability(), 0});
      }
    }

    private void life(int i, boolean on) {
      int[] onsets = s.lifeOnsets();
      while (nextLife + 1 < onsets.length && i >= onsets[nextLife + 1]) {
        nextLife++;
      }
      if (on
          && onsets.length > 0
          && i >= onsets[nextLife]
          && s.life()[i] == s.life()[onsets[nextLife]]
          && Double.isInfinite(lives[nextLife])) {
        lives[nextLife] = (s.seconds()[i] - s.seconds()[onsets[nextLife]]) / HOUR;
      }
    }

    Score score() {
      double limitHours = Double.POSITIVE_INFINITY;
      double lead = -1;
      double way = Double.NaN;
      double any = Math.min(first[0], Math.min(first[1], first[2]));
      if (!s.benign()) {
        double begin = s.seconds()[s.onset()];
        if (limitIndex >= 0) {
          limitHours = (s.seconds()[limitIndex] - begin) / HOUR;
          lead = firstOn < 0 ? -1 : (s.seconds()[limitIndex] - s.seconds()[firstOn]) / HOUR;
        }
        double room = s.limit()[s.onset()] - s.bytes()[s.onset()];
        if (s.rate() == Plan.B || limitHours < 12) {
          way = firstIndex < 0 ? 1 : Math.max(0, Math.min(1, s.leaked()[firstIndex] / room));
        }
      }
      return new Score(
          s.id(),
          s.group(),
          s.band(),
          s.rate(),
          s.mode(),
          s.traits(),
          s.shape(),
          s.checksum(),
          List.copyOf(alarms),
          daysByAge,
          daysByWatch,
          knownDays,
          changes,
          any,
          first[0],
          first[1],
          first[2],
          limitHours,
          lead,
          way,
          lives,
          List.copyOf(forecasts),
          why);
    }
  }
}
