package io.leakwatch.verdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Escalation;
import io.leakwatch.alert.Severity;
import io.leakwatch.config.Defaults;
import io.leakwatch.proc.limits.Limit;
import io.leakwatch.sample.Resource;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What can run out is reported in time where it leaks, and not where it is healthy. */
class ResourceGrowthTest {
  private static final double START = 1.7e9;
  private static final double STEP_HOURS = 1 / 12.0;
  private static final int DAYS = 20;
  private static final double GIB = 1L << 30;
  private static final List<Resource> COUNTED =
      List.of(Resource.MAPPINGS, Resource.THREADS, Resource.DESCRIPTORS);

  /**
   * One drawn course.
   *
   * @param endHour when it reached its limit, or was no longer watched
   * @param toldHour when it was first reported, {@code NaN} for never
   * @param told the verdict that reported it
   */
  private record Life(
      ResourceFamilies family, long seed, double endHour, double toldHour, @Nullable Verdict told) {

    boolean isTold() {
      return told != null;
    }

    @Override
    public String toString() {
      String what = told == null ? "never" : "at hour " + toldHour + " " + told.reasons();
      return family + " " + seed + ", ends at hour " + endHour + ", told " + what;
    }
  }

  private static Limit.Unit unit(Resource resource) {
    return switch (resource) {
      case MAPPINGS -> Limit.Unit.MAPPINGS;
      case THREADS -> Limit.Unit.THREADS;
      case DESCRIPTORS -> Limit.Unit.DESCRIPTORS;
      default -> Limit.Unit.BYTES;
    };
  }

  private static Life live(ResourceFamilies family, long seed, double stepHours) {
    Random random = new Random(seed * 31 + family.ordinal());
    ResourceFamilies.Course course = family.draw(random);
    Resource resource = COUNTED.get((int) (seed % COUNTED.size()));
    long limit = List.of(1024L, 4096L, 65_530L).get(random.nextInt(3));
    ProcessJudge judge = new ProcessJudge(Defaults.TREND);
    Escalation escalation = new Escalation(Defaults.SEVERITY);
    double toldHour = Double.NaN;
    Verdict told = null;
    double hour = 0;
    for (; hour < DAYS * 24; hour += stepHours) {
      long used = Math.max(1, Math.round(course.at(hour, stepHours) * limit));
      if (used >= limit) {
        break;
      }
      Sample sample =
          Sample.at(START + hour * 3600, "1")
              .set(Signal.RSS_ANON_BYTES, 4 * GIB + 1e7 * random.nextGaussian())
              .set(Signal.LIMIT_BYTES, 64 * GIB)
              .set(Signal.PROCESS_AGE_SECONDS, hour * 3600)
              .set(resource.used(), used)
              .set(resource.limit(), limit)
              .build();
      Limit bound = new Limit("its limit", unit(resource), limit, used);
      Verdict verdict = judge.accept(sample, List.of(bound));
      boolean reported = escalation.update(verdict, sample.timeSeconds()) != Severity.NONE;
      if (told == null && reported) {
        told = verdict;
        toldHour = hour;
      }
    }
    return new Life(family, seed, hour, toldHour, told);
  }

  private static List<Life> lives(boolean leaks, int firstSeed, int seeds, double stepHours) {
    List<Life> lives = new ArrayList<>();
    for (ResourceFamilies family : ResourceFamilies.values()) {
      for (int i = 0; family.leaks() == leaks && i < seeds; i++) {
        lives.add(live(family, firstSeed + i, stepHours));
      }
    }
    return lives;
  }

  /** Prints each family: first seed, how many, seconds from one sample to the next. */
  public static void main(String... arguments) {
    for (boolean leaks : new boolean[] {false, true}) {
      List<Life> lives =
          lives(
              leaks,
              Integer.parseInt(arguments[0]),
              Integer.parseInt(arguments[1]),
              Double.parseDouble(arguments[2]) / 3600);
      for (ResourceFamilies family : ResourceFamilies.values()) {
        List<Life> of = lives.stream().filter(one -> one.family() == family).toList();
        double[] lead =
            of.stream()
                .filter(Life::isTold)
                .mapToDouble(one -> one.endHour() - one.toldHour())
                .sorted()
                .toArray();
        if (!of.isEmpty()) {
          System.out.printf(
              Locale.ROOT,
              "%-21s reported %3d of %d, hours before the end: median %.1f, least %.1f%n",
              family,
              lead.length,
              of.size(),
              lead.length == 0 ? Double.NaN : lead[lead.length / 2],
              lead.length == 0 ? Double.NaN : lead[0]);
        }
      }
      lives.stream().filter(one -> one.isTold() != leaks).forEach(System.out::println);
    }
  }

  /** One report in 1600 days of other seeds is twice what was measured on 9600 days. */
  @Test
  void healthyCoursesShouldBeSilent() {
    List<Life> told = lives(false, 3000, 10, STEP_HOURS).stream().filter(Life::isTold).toList();
    assertTrue(told.size() <= 1, told::toString);
  }

  @Test
  void leaksShouldBeReportedBeforeTheirLimitAndWithIt() {
    List<Life> lives = lives(true, 3000, 10, STEP_HOURS);
    List<Life> missed = lives.stream().filter(one -> !one.isTold()).toList();
    assertTrue(missed.size() <= 1, missed::toString);
    for (Life one : lives) {
      Verdict told = one.told();
      if (told != null) {
        assertEquals(VerdictKind.GROWING, told.kind(), one::toString);
        Verdict.Exhaustion first = told.forecast().exhaustion().get(0);
        assertEquals("its limit", first.limitName(), one::toString);
        assertTrue(Double.isFinite(first.seconds()), one::toString);
        assertTrue(told.reasons().get(0).contains("(its limit)"), one::toString);
      }
    }
  }

  private static Verdict watch(
      double hours, double stepHours, Resource resource, double limit, DoubleUnaryOperator used) {
    ProcessJudge judge = new ProcessJudge(Defaults.TREND);
    Verdict last = null;
    for (double hour = 0; hour < hours; hour += stepHours) {
      double now = used.applyAsDouble(hour);
      Sample sample =
          Sample.at(START + hour * 3600, "1")
              .set(Signal.RSS_ANON_BYTES, GIB)
              .set(Signal.LIMIT_BYTES, 64 * GIB)
              .set(resource.used(), now)
              .set(resource.limit(), limit)
              .build();
      Limit bound = new Limit("its limit", unit(resource), (long) limit, (long) now);
      last = judge.accept(sample, List.of(bound.usedBy("sockets")));
    }
    if (last == null) {
      throw new IllegalArgumentException("nothing watched");
    }
    return last;
  }

  @Test
  void aLeakOfDaysShouldBeToldWithItsRateItsCourseAndWhatItIs() {
    Verdict verdict =
        watch(14 * 24, STEP_HOURS, Resource.DESCRIPTORS, 1024, h -> 60 + Math.floor(h * 2));
    assertEquals(VerdictKind.GROWING, verdict.kind());
    String first = verdict.reasons().get(0);
    assertTrue(first.startsWith("descriptors +48/day since "), first);
    assertTrue(first.contains(" to 731 of 1024 (its limit); reaches it in 6.1 days ("), first);
    assertEquals("most of it is sockets", verdict.reasons().get(1));
    assertEquals(293 / 2.0 * 3600, verdict.forecast().exhaustion().get(0).seconds(), 2 * 3600);
    assertEquals(0, verdict.growth().bytesPerSecond(), "its memory does not grow");
    assertFalse(verdict.reasons().stream().anyMatch(reason -> reason.startsWith("reaches")));
  }

  /** Half an hour from a quiet level to the limit, at the pace of the daemon. */
  @Test
  void aLeakOfMinutesShouldBeToldWithinThem() {
    DoubleUnaryOperator course = hour -> hour < 30 ? 900 : 900 + (hour - 30) * 2 * 64_000;
    assertEquals(
        VerdictKind.STEADY, watch(30.05, 1 / 60.0, Resource.MAPPINGS, 65_530, course).kind());
    Verdict verdict = watch(30.4, 1 / 60.0, Resource.MAPPINGS, 65_530, course);
    assertEquals(VerdictKind.GROWING, verdict.kind());
    assertTrue(verdict.reasons().get(0).startsWith("mappings +36/s since "));
    assertEquals(6 * 60, verdict.forecast().exhaustion().get(0).seconds(), 60);
  }

  @Test
  void whatDoesNotGrowShouldReachNoLimit() {
    Verdict verdict =
        watch(72, STEP_HOURS, Resource.MAPPINGS, 65_530, hour -> 60_000 + Math.floor(hour / 10));
    assertEquals(VerdictKind.STEADY, verdict.kind());
    assertEquals(Double.POSITIVE_INFINITY, verdict.forecast().exhaustion().get(0).seconds());
  }

  /** What fills the cgroup of a level process is seen, as it is by each process that shares it. */
  @Test
  void theCourseOfASharedLimitShouldBeThatOfAllWhoShareIt() {
    double limit = 64 * GIB;
    ProcessJudge judge = new ProcessJudge(Defaults.TREND);
    Verdict last = null;
    Random random = new Random(5);
    for (double hour = 0; hour < 9 * 24; hour += STEP_HOURS) {
      double used = 20 * GIB + Math.max(0, hour - 72) * 0.2 * GIB;
      Sample sample =
          Sample.at(START + hour * 3600, "1")
              .set(Signal.RSS_ANON_BYTES, 4 * GIB + 1e7 * random.nextGaussian())
              .set(Signal.LIMIT_BYTES, limit)
              .set(Signal.CGROUP_BYTES, Math.rint(used))
              .set(Signal.CGROUP_LIMIT_BYTES, limit)
              .build();
      last =
          judge.accept(
              sample,
              List.of(
                  new Limit("memory.max of /pod", Limit.Unit.BYTES, (long) limit, Math.round(used)),
                  new Limit("MemAvailable", Limit.Unit.BYTES, (long) (256 * GIB), (long) used)));
    }
    assertEquals(VerdictKind.GROWING, last.kind());
    Verdict.Exhaustion first = last.forecast().exhaustion().get(0);
    assertEquals("memory.max of /pod", first.limitName());
    assertEquals((44 - 144 * 0.2) / 0.2 * 3600, first.seconds(), 4 * 3600);
    assertTrue(
        last.reasons().get(0).startsWith("memory of the cgroup +4.8 GiB/day"),
        last.reasons()::toString);
  }

  /** A leak of the process itself is told as that, with the same limit. */
  @Test
  void whatTheProcessItselfFillsShouldBeJudgedByItsOwnMemory() {
    ProcessJudge judge = new ProcessJudge(Defaults.TREND);
    for (double hour = 0; hour < 20 * 24; hour += STEP_HOURS) {
      double warm = 20 * GIB * -Math.expm1(-hour / 60);
      Sample sample =
          Sample.at(START + hour * 3600, "1")
              .set(Signal.RSS_ANON_BYTES, 4 * GIB + warm)
              .set(Signal.LIMIT_BYTES, 40 * GIB)
              .set(Signal.CGROUP_BYTES, 5 * GIB + warm)
              .set(Signal.CGROUP_LIMIT_BYTES, 41 * GIB)
              .build();
      Verdict verdict = judge.accept(sample, List.of());
      assertFalse(
          verdict.reasons().toString().contains("of the cgroup"), verdict.reasons()::toString);
    }
  }
}
