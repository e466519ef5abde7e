package io.leakwatch.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.InUse;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.MemoryProfile.Entry;
import io.leakwatch.heap.MemoryProfile.Frame;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.golang.GoReport;
import io.leakwatch.heap.golang.GoroutineCensus;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.verdict.Suspect;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProfileGrowthTest {
  private static OwnerReports heap(Entry... entries) {
    List<MemoryProfile> profiles =
        entries.length == 0
            ? List.of()
            : List.of(new MemoryProfile(MemoryProfile.Basis.STACK, List.of(entries)));
    return OwnerReports.of(
        new GoReport(
            new Recognition("1.22-1.26", 1, 1, 1, List.of()),
            Balance.ZERO,
            InUse.NONE,
            7,
            GoroutineCensus.NONE,
            profiles));
  }

  private static Entry entry(long objects, long bytes, String... names) {
    return new Entry(Arrays.stream(names).map(Frame::of).toList(), objects, bytes);
  }

  @Test
  void shouldTellWhichStacksGrewMostFirst() {
    ProfileGrowth growth =
        ProfileGrowth.between(
            heap(
                entry(100, 10_000, "parse", "main"),
                entry(10, 1000, "open", "main"),
                entry(50, 50_000, "cache", "main")),
            heap(
                entry(110, 11_000, "parse", "main"),
                entry(510, 51_000, "open", "main"),
                entry(20, 20_000, "cache", "main"),
                entry(1, 200, "small")));
    assertEquals(
        List.of("open < main +500 +50000 go 100", "parse < main +10 +1000 go 100"),
        growth.suspects().stream()
            .map(
                s ->
                    String.format(
                        "%s %+d %+d %s %d",
                        s.content().type(),
                        s.countGrowth(),
                        s.bytesGrowth(),
                        s.kind(),
                        s.chunkBytes()))
            .toList());
    assertTrue(growth.isOf(Allocator.GO));
    assertFalse(growth.suspects().stream().map(Suspect::place).anyMatch(Suspect.Place::mayBeLost));
  }

  private static OwnerReports collected(long times, long garbage) {
    return OwnerReports.of(
        new GoReport(
            new Recognition("1.22-1.26", 1, 1, 1, List.of()),
            Balance.builder().set(Balance.Part.GARBAGE, garbage).build(),
            InUse.NONE,
            times,
            GoroutineCensus.NONE,
            List.of()));
  }

  @Test
  void shouldSayThatNobodyHasCollectedMeanwhile() {
    OwnerReports before = collected(7, 1 << 20);
    assertEquals(
        List.of(
            "go has not collected between the two samples: how much of 9 MiB that came since is"
                + " in use is not known; take a longer --for"),
        ProfileGrowth.uncollected(before, collected(7, 10 << 20)));
    assertEquals(List.of(), ProfileGrowth.uncollected(before, collected(8, 10 << 20)));
    assertEquals(List.of(), ProfileGrowth.uncollected(before, collected(7, 1 << 20)));
  }

  @Test
  void shouldSayNothingWhereThereIsNoProfileOfBoth() {
    ProfileGrowth growth = ProfileGrowth.between(heap(), heap(entry(1, 100, "open")));
    assertEquals(List.of(), growth.suspects());
    assertFalse(growth.isOf(Allocator.GO));
  }
}
