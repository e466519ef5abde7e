package io.leakwatch.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.region.kind.Allocator;
import io.leakwatch.verdict.Suspect;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SuspectNamingTest {
  private static Suspect suspect(String type, long bytes) {
    return new Suspect(
        64,
        Math.max(4, bytes / 64),
        bytes,
        new Suspect.Content(type, "", List.of()),
        Suspect.Place.among(Allocator.PTMALLOC, 64),
        List.of(),
        Suspect.References.UNKNOWN);
  }

  @Test
  void whatHardlyGrewShouldNotStandBeforeTheGrowth() {
    List<Suspect> suspects =
        new ArrayList<>(
            List.of(
                suspect("nmethod", 24 << 10),
                suspect("integers", 46 << 20),
                suspect("Lease", 2 << 20),
                suspect("zeros", 192)));
    SuspectNaming.sort(suspects);
    assertEquals(
        List.of("Lease", "integers", "nmethod", "zeros"),
        suspects.stream().map(one -> one.content().type()).toList());
  }
}
