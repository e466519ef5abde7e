package io.leakwatch.export.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.heap.HeapStrip;
import io.leakwatch.heap.HeapStrips;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Heaps in a terminal. */
class StripTextTest {
  private static final HeapStrip PINNED = new HeapStrip(2, 0x7f0040000000L, 1 << 16, "1fffrr1r", 6);
  private static final HeapStrip LEAK = new HeapStrip(0, 0x550000000000L, 1 << 16, "9987531", -1);

  @Test
  void aLeakShouldBeFullAndAPinnedHeapEmptyBelowItsMark() {
    HeapStrips strips = new HeapStrips(List.of(LEAK, PINNED), 0);
    List<String> blocks = StripText.lines(strips, 10, 80, true);
    assertEquals("2        512 KiB  ▁░░░··▲·", blocks.get(0));
    assertEquals("main     448 KiB  ███▇▅▃▁", blocks.get(1));
    assertEquals(3, blocks.size());
    List<String> plain = StripText.lines(strips, 10, 80, false);
    assertEquals("2        512 KiB  1___..^.", plain.get(0));
    assertEquals("main     448 KiB  9987531", plain.get(1));
    assertTrue(String.join("", plain).chars().allMatch(c -> c >= ' ' && c <= '~'), plain::toString);
  }

  @Test
  void manyLargeHeapsShouldFitAndTheRestBeCounted() {
    List<HeapStrip> many =
        IntStream.range(0, 30)
            .mapToObj(i -> new HeapStrip(i, (long) i << 26, 1 << 16, "9".repeat(1024), -1))
            .toList();
    for (int columns : new int[] {30, 80, 200}) {
      List<String> lines = StripText.lines(new HeapStrips(many, 5), 10, columns, true);
      assertEquals(12, lines.size());
      assertTrue(lines.stream().limit(10).allMatch(line -> line.length() <= columns));
      assertEquals("… and 25 more heaps", lines.get(11));
    }
    assertEquals(List.of(), StripText.lines(HeapStrips.NONE, 10, 80, true));
  }
}
