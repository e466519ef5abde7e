package io.leakwatch.verdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.region.kind.Allocator;
import io.leakwatch.verdict.Observations.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What two readings say of the things that came between them. */
class ShortJudgeTest {
  private static final long MIB = 1 << 20;

  /** Ten seconds in which 10 MiB came. */
  private static final Observations TEN_MIB = course(90, 100);

  /** A point each second; MiB in use, and as much beside it that stays. */
  private static Observations course(double... inUseMib) {
    return course(null, Churn.NONE, inUseMib);
  }

  private static Observations course(@Nullable Double laterMib, Churn churn, double... inUseMib) {
    List<Point> points = new ArrayList<>();
    for (double mib : inUseMib) {
      points.add(point(points.size() * 10.0 / (inUseMib.length - 1), mib));
    }
    return new Observations(points, laterMib == null ? null : point(12, laterMib), churn);
  }

  private static Point point(double seconds, double inUseMib) {
    return new Point(seconds, (inUseMib + 10) * MIB, inUseMib * MIB, 0, 0, 0);
  }

  private static Suspect suspect(String type, long bytes) {
    return new Suspect(
        64,
        bytes / 64,
        bytes,
        new Suspect.Content(type, "", List.of()),
        Suspect.Place.among(Allocator.PTMALLOC, 104),
        List.of(),
        Suspect.References.UNKNOWN);
  }

  private static Suspect searched(long bytes, int living, int lost, int freed) {
    List<Suspect.Holder> holders =
        lost < living ? List.of(new Suspect.Holder("g_sessions", 1)) : List.of();
    return suspect("Lease", bytes)
        .heldBy(Suspect.References.of(0, holders, new Suspect.Survival(living, lost, freed)));
  }

  private static Verdict judge(Observations seen, Suspect... suspects) {
    return ShortJudge.judge(seen, Map.of(), List.of(suspects), "", List.of());
  }

  private static List<String> reasons(Suspect... suspects) {
    Verdict verdict = judge(TEN_MIB, suspects);
    assertEquals(VerdictKind.GROWING, verdict.kind());
    return verdict.reasons();
  }

  @ParameterizedTest
  @CsvSource({
    "10, 200, 200, 0, LEAK", // all of it
    "10, 200, 60, 0, LEAK", // a good part
    "10, 200, 20, 0, GROWING", // fewer than a leak of this size makes
    "1, 200, 200, 0, LEAK", // a tenth of the growth
    "0.4, 200, 200, 0, GROWING", // all lost, but hardly a part of the growth
    "10, 200, 0, 0, GROWING", // all held
    "10, 3, 3, 0, GROWING", // so few may look lost by chance
    "10, 4, 4, 0, LEAK",
    "10, 200, 150, 50, GROWING", // a quarter was freed: the program refers to them unseen
    "10, 200, 190, 5, LEAK"
  })
  void aLeakShouldTakeLostObjectsInShareAndNumber(
      double mib, int living, int lost, int freed, VerdictKind expected) {
    Verdict verdict = judge(TEN_MIB, searched((long) (mib * MIB), living, lost, freed));
    assertEquals(expected, verdict.kind(), verdict::toString);
  }

  @Test
  void whatIsHeldShouldBeSaidWithItsHolderAndWhatWouldTell() {
    List<String> reasons = judge(TEN_MIB, searched(10 * MIB, 200, 0, 0)).reasons();
    assertTrue(
        reasons.get(0).endsWith("; what grew most is held by g_sessions (100 %)"),
        reasons::toString);
    assertTrue(
        reasons.get(reasons.size() - 1).startsWith("watched for only 10 s"), reasons::toString);
  }

  @Test
  void nothingShouldBeSaidOfWhatIsLostWhereSuchObjectsAreFreedLater() {
    Suspect hidden = searched(10 * MIB, 200, 150, 50);
    assertTrue(Double.isNaN(hidden.references().unreferencedFraction()));
    assertTrue(judge(TEN_MIB, hidden).reasons().stream().noneMatch(text -> text.contains("lost")));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, NaN", "200, 200, 1", "200, 10, 0.05", "200, 14, NaN", "200, 40, 0.2"})
  void aFractionShouldBeStatedWhereTheNumberSupportsIt(int living, int lost, double stated) {
    assertEquals(stated, searched(10 * MIB, living, lost, 0).references().unreferencedFraction());
  }

  @Test
  void growthShouldBeMoreThanTheProcessSwings() {
    assertEquals(VerdictKind.GROWING, judge(course(90, 92, 95, 97, 100)).kind());
    assertEquals(VerdictKind.GROWING, judge(course(90, 90.1, 90.2, 99.9, 100)).kind());
    assertEquals(VerdictKind.GROWING, judge(course(90, 95, 99, 98.5, 103)).kind());
    assertEquals(VerdictKind.STEADY, judge(course(90, 130, 80, 140, 100)).kind());
    assertEquals(VerdictKind.STEADY, judge(course(90, 90, 90, 90, 100)).kind());
  }

  @Test
  void growthShouldBeMoreThanWhatComesAndGoesMakesByChance() {
    double[] course = {100, 100.5, 101, 101.5, 102};
    assertEquals(
        VerdictKind.GROWING, judge(course(null, new Churn(0.5 * MIB, 0, 0), course)).kind());
    assertEquals(
        VerdictKind.STEADY, judge(course(null, new Churn(0.7 * MIB, 0, 0), course)).kind());
  }

  /** Of +10 MiB: one buffer of 8 MiB more, or eight of 1 MiB, or none; and what is small beside. */
  @ParameterizedTest
  @CsvSource({
    "8, 8, 1, STEADY", // one buffer, and small ones that swing as much as they grew
    "8, 8, 0.2, GROWING", // small ones grow clearly beside the buffer
    "2.83, 8, 1, GROWING", // eight buffers are a trend
    "5.7, 8, 1, STEADY", // two are not
    "0, 0, 1, GROWING"
  })
  void fewLargeAllocationsShouldBeNoGrowth(
      double large, double largeGrown, double small, VerdictKind expected) {
    Churn churn = new Churn(small * MIB, large * MIB, largeGrown * MIB);
    Verdict verdict = judge(course(null, churn, 90, 92, 95, 97, 100));
    assertEquals(expected, verdict.kind(), verdict::toString);
  }

  /** Ten MiB of which the bytes in use are none: garbage, or freed and kept, or of nobody known. */
  @ParameterizedTest
  @CsvSource({"10, 10, STEADY", "10, 0, HELD", "0, 0, GROWING", "4, 4, GROWING"})
  void whatACollectorTakesShouldBeNeitherHeldNorGrowth(
      double freeMib, double garbageMib, VerdictKind expected) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i <= 4; i++) {
      double part = i / 4.0 * MIB;
      points.add(
          new Point(
              i * 2.5, 100 * MIB + 10 * part, 50 * MIB, freeMib * part, garbageMib * part, 0));
    }
    Verdict verdict = judge(new Observations(points, null, Churn.NONE));
    assertEquals(expected, verdict.kind(), verdict::toString);
  }

  @Test
  void growthShouldBeThereAfterwards() {
    double[] course = {90, 92, 95, 97, 100};
    assertEquals(VerdictKind.GROWING, judge(course(96.0, Churn.NONE, course)).kind());
    assertEquals(VerdictKind.STEADY, judge(course(94.0, Churn.NONE, course)).kind());
  }

  @Test
  void whatTheDaemonHasSeenForLongShouldGoFirstUnlessObjectsAreLost() {
    Verdict longRun = judge(TEN_MIB).as(VerdictKind.CYCLIC);
    assertEquals(
        VerdictKind.CYCLIC,
        ShortJudge.within(longRun, judge(TEN_MIB, searched(10 * MIB, 200, 0, 0))).kind());
    assertEquals(
        VerdictKind.LEAK,
        ShortJudge.within(longRun, judge(TEN_MIB, searched(10 * MIB, 200, 200, 0))).kind());
  }

  @Test
  void mostShouldBeSaidOfWhatHasHalfOfTheGrowth() {
    List<String> reasons = reasons(suspect("Lease", 6 * MIB), suspect("Peer", 2 * MIB));
    assertTrue(reasons.contains("most of it: 98304 more of Lease, 64 B each"), reasons::toString);
  }

  @Test
  void partsShouldBeToldWithTheirSize() {
    List<String> reasons =
        reasons(suspect("Lease", 4 * MIB), suspect("Peer", 2 * MIB), suspect("Rest", MIB / 2));
    assertTrue(
        reasons.contains(
            "part of it: 65536 more of Lease, 64 B each (4 MiB); 32768 more of Peer, 64 B each"
                + " (2 MiB)"),
        reasons::toString);
  }

  @Test
  void nothingShouldBeSaidOfWhatIsHardlyAPart() {
    List<String> reasons = reasons(suspect("Rest", MIB / 2));
    assertEquals(List.of(), reasons.stream().filter(one -> one.contains(" more of ")).toList());
  }

  @ParameterizedTest
  @CsvSource({
    "10, 3, 0.05, 0.0115036",
    "200, 20, 0.05, 0.00266457955",
    "4, 4, 0.05, 6.25e-6",
    "5, 0, 0.05, 1"
  })
  void theChanceThatHeldObjectsLookLostShouldBeTheBinomialTail(
      int trials, int successes, double share, double probability) {
    assertEquals(
        probability, LostObjects.tail(trials, successes, share), 1e-4 * probability + 1e-12);
  }
}
