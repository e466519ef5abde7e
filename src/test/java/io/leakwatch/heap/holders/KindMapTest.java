package io.leakwatch.heap.holders;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects lie side by side in slabs: the map must not take neighbours for one. */
class KindMapTest {
  private static final long START = 0x7f00_0000_0000L;
  private static final int COUNT = 20_000;

  @ParameterizedTest
  @ValueSource(longs = {8, 16, 48, 112, 5120})
  void shouldTellNeighboursApart(long bytes) {
    KindMap map = new KindMap(List.of(bytes), false, 64 << 20);
    for (int i = 0; i < COUNT; i++) {
      map.object(START + i * bytes, bytes, true);
    }
    for (int i = 0; i < COUNT; i += 2) {
      map.cached(START + i * bytes, bytes);
    }
    for (int i = 0; i < COUNT; i++) {
      long address = START + i * bytes;
      assertEquals(i % 2 == 0 ? 0 : address, map.startOf(address));
      assertEquals(i % 2 == 0 ? 0 : address, map.startOf(address + bytes - 1));
      assertFalse(i % 2 == 1 && !map.mark(address), "marked before it was");
    }
    assertEquals(bytes / 8, map.wordsOf(START + bytes, bytes));
    assertTrue(map.isMarked(START + bytes));
  }
}
