package io.leakwatch.heap.mimalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SmallOffsetTest {
  private final SmallOffset offset = new SmallOffset();

  @Test
  void shouldFollowFromHowManyBlocksAPageHasRoomFor() {
    offset.page(page(48, 1357, 0));
    assertEquals(384, offset.bytes());
    offset.page(page(64, 1018, 0));
    offset.page(page(1024, 63, 0));
    assertEquals(384, offset.bytes());
  }

  @Test
  void shouldMindOnlyPagesOfSmallBlocksThatDoNotSayIt() {
    offset.page(page(2048, 32, 0));
    offset.page(page(48, 1362, 0x10_0000_0090L));
    assertEquals(0, offset.bytes());
  }

  @Test
  void shouldNotBelievePagesThatContradictEachOther() {
    offset.page(page(48, 1357, 0));
    offset.page(page(64, 1024, 0));
    assertEquals(-1, offset.bytes());
  }

  private static MimallocPage page(long blockBytes, int room, long start) {
    return new MimallocPage(
        0x10_0000_0000L,
        0x10_0001_0000L,
        start,
        blockBytes,
        new MimallocPage.Blocks(room, room),
        room,
        new long[3]);
  }
}
