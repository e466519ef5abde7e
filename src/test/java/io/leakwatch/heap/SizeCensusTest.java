package io.leakwatch.heap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SizeCensusTest {

  @Test
  void shouldCountWhatAMapCounts() {
    Random random = new Random(7);
    SizeCensus census = new SizeCensus();
    Map<Long, Long> truth = new HashMap<>();
    for (int i = 0; i < 100_000; i++) {
      long size = 16L * (2 + random.nextInt(random.nextInt(10) == 0 ? 6000 : 300));
      census.add(size);
      truth.merge(size, 1L, Long::sum);
    }
    Map<Long, Long> counted = new HashMap<>();
    census.largest(10_000).forEach(size -> counted.put(size.chunkBytes(), size.count()));
    assertEquals(truth, counted);
  }

  @Test
  void shouldLoseNoByteWhenMoreSizesComeThanItsTableHolds() {
    SizeCensus census = new SizeCensus();
    long bytes = 0;
    for (int i = 0; i < 20_000; i++) {
      long size = (1 << 16) + 16L * i;
      census.add(size);
      bytes += size;
    }
    List<SizeClass> all = census.largest(100_000);
    assertTrue(all.size() < 7000, () -> all.size() + " sizes");
    assertEquals(20_000, all.stream().mapToLong(SizeClass::count).sum());
    assertEquals(bytes, all.stream().mapToLong(SizeClass::bytes).sum());
  }

  @Test
  void shouldTakeBackWhatTurnedOutToBeCached() {
    SizeCensus census = new SizeCensus();
    census.add(112);
    census.add(112);
    census.remove(112);
    census.remove(4096);
    assertEquals(List.of(new SizeClass(112, 1, 112)), census.largest(10));
  }

  @Test
  void shouldNameTheSizesThatGrow() {
    List<SizeClass> before = List.of(new SizeClass(48, 10, 480), new SizeClass(64, 5, 320));
    List<SizeClass> after = List.of(new SizeClass(112, 1000, 112_000), new SizeClass(48, 11, 528));
    assertEquals(
        List.of(
            new SizeCensus.Growth(112, 1000, 112_000),
            new SizeCensus.Growth(48, 1, 48),
            new SizeCensus.Growth(64, -5, -320)),
        SizeCensus.difference(before, after));
  }
}
