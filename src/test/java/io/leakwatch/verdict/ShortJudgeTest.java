package io.leakwatch.verdict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What two looks say of the things that came between them. */
class ShortJudgeTest {
  private static final long MIB = 1 << 20;

  /** Ten seconds in which 10 MiB came. */
  private static final Observations TEN_MIB =
      new Observations(
          List.of(
              new Observations.Point(0, 100 * MIB, 90 * MIB, 0, 0),
              new Observations.Point(10, 110 * MIB, 100 * MIB, 0, 0)));

  private static Suspect suspect(String type, long bytes) {
    return new Suspect(
        64,
        bytes / 64,
        bytes,
        new Suspect.Content(type, "", List.of()),
        "malloc",
        List.of(),
        Suspect.References.UNKNOWN);
  }

  private static List<String> reasons(Suspect... suspects) {
    Verdict verdict = ShortJudge.judge(TEN_MIB, Map.of(), List.of(suspects), "", List.of());
    assertEquals(VerdictKind.LEAK, verdict.kind());
    return verdict.reasons();
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
}
