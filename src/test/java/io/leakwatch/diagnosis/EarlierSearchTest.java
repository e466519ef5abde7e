package io.leakwatch.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.heap.holders.HolderReport;
import io.leakwatch.heap.holders.SoughtMemory;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.verdict.Suspect;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the search in the first of two cores is good for in the second. */
class EarlierSearchTest {
  private static final Suspect.Place PLACE = Suspect.Place.among(Allocator.PTMALLOC, 48);
  private static final EarlierSearch.Sort LEASES = new EarlierSearch.Sort(PLACE, "Lease");

  private static Suspect suspect(String type, Suspect.Place place) {
    Suspect.Content content = new Suspect.Content(type, "", List.of());
    return new Suspect(64, 10, 640, content, place, List.of(), Suspect.References.UNKNOWN);
  }

  /** All that is sought is unreferenced. */
  private static Outcome<HolderReport> search(List<SoughtMemory> sought, boolean isWhole) {
    List<Long> unreferenced = sought.stream().map(SoughtMemory::address).toList();
    return Outcome.sampled(
        new HolderReport(
            List.of(new HolderReport.Group(0, sought.size(), 0, unreferenced, 0, List.of())),
            new HolderReport.Search(1, 4096, 0, isWhole),
            List.of(),
            List.of()));
  }

  @Test
  void shouldTellOnlyOfObjectsOfTheSameSort() {
    EarlierSearch earlier =
        EarlierSearch.of(Map.of(LEASES, List.of(64L, 128L)), 100, sought -> search(sought, true));
    List<Suspect> suspects =
        List.of(
            suspect("Session", PLACE),
            suspect("Lease", PLACE),
            suspect("Lease", Suspect.Place.among(Allocator.PTMALLOC, 64)));
    assertEquals(Set.of(1), earlier.of(suspects).keySet());
    assertEquals(List.of(64L, 128L), earlier.of(suspects).get(1).unreferenced());
  }

  @Test
  void shouldSearchForNoMoreThanItMay() {
    EarlierSearch earlier =
        EarlierSearch.of(Map.of(LEASES, List.of(64L, 128L)), 1, sought -> search(sought, true));
    assertEquals(1, earlier.of(List.of(suspect("Lease", PLACE))).get(0).searched());
  }

  @Test
  void shouldTellNothingWhereNotAllMemoryWasSearched() {
    EarlierSearch earlier =
        EarlierSearch.of(Map.of(LEASES, List.of(64L)), 100, sought -> search(sought, false));
    assertEquals(Map.of(), earlier.of(List.of(suspect("Lease", PLACE))));
  }
}
