package io.leakwatch.heap.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.ReadPace;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ChunkWalkTest {

  static IntStream seeds() {
    return IntStream.range(0, 60);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldCountAnIntactHeapToTheByte(int seed) {
    ArrayHeap heap = new ArrayHeap(seed, 32 + seed * 7);
    ArenaTally tally = walk(heap, Long.MAX_VALUE);
    assertEquals(heap.inUseBytes, tally.inUseBytes);
    assertEquals(heap.inUseChunks, tally.inUseChunks);
    assertEquals(heap.freeBytes, tally.freeBytes);
    assertEquals(heap.topBytes, tally.topBytes);
    assertEquals(0, tally.unknownBytes);
    assertEquals(heap.lastInUse, tally.lastInUse);
    assertEquals(heap.freeBytes, tally.pinnedBytes);
  }

  @ParameterizedTest
  @CsvSource({"1, 16384", "2, 16384", "3, 65536", "4, 65536", "5, 65536"})
  void shouldWalkWithTheKernelsPageSize(int seed, int pageBytes) {
    ArrayHeap heap = new ArrayHeap(seed, 40 + seed, pageBytes);
    assertEquals(heap.inUseBytes, walk(heap, Long.MAX_VALUE).inUseBytes);
    Random random = new Random(seed);
    for (int i = 0; i < seed; i++) {
      heap.absent[1 + random.nextInt(38)] = true;
    }
    ArenaTally tally = walk(heap, Long.MAX_VALUE);
    assertConserved(heap, tally);
    assertTrue(tally.inUseBytes > heap.inUseBytes / 2, () -> "in use " + tally.inUseBytes);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldBookDamageAsUnknownAndLoseNoByte(int seed) {
    ArrayHeap heap = new ArrayHeap(seed, 300);
    Random random = new Random(seed);
    for (int i = 0; i < 1 + seed / 4; i++) {
      long at = heap.first + 16L * random.nextInt(60_000);
      heap.put(at + 8, random.nextBoolean() ? random.nextLong() : 16L * random.nextInt(9000) | 5);
    }
    ArenaTally tally = walk(heap, Long.MAX_VALUE);
    assertConserved(heap, tally);
    // Every place of damage costs a neighbourhood at most, not the rest of the heap.
    assertTrue(tally.unknownBytes < heap.bytes() / 2, () -> "unknown " + tally.unknownBytes);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldPassAbsentPagesWithoutLosingAByte(int seed) {
    ArrayHeap heap = new ArrayHeap(seed, 300);
    Random random = new Random(seed);
    for (int i = 0; i < seed; i++) {
      heap.absent[1 + random.nextInt(280)] = true;
    }
    assertConserved(heap, walk(heap, Long.MAX_VALUE));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void shouldEndAtItsBudgetAndBookTheRest(int seed) {
    ArrayHeap heap = new ArrayHeap(seed, 400);
    ArenaTally tally = walk(heap, 1 + seed * 20_000L);
    assertConserved(heap, tally);
    assertTrue(heap.reads < 10_000, () -> "reads " + heap.reads);
  }

  @FuzzTest
  void shouldSurviveAnyBytes(FuzzedDataProvider data) {
    ArrayHeap heap = new ArrayHeap(data.consumeInt(0, 1000), data.consumeInt(24, 64));
    int changes = data.consumeInt(0, 64);
    for (int i = 0; i < changes; i++) {
      int word = data.consumeInt(0, heap.words.length - 1);
      heap.words[word] = data.consumeBoolean() ? data.consumeLong() : data.consumeInt(0, 200_000);
      if (data.consumeBoolean()) {
        heap.absent[data.consumeInt(0, heap.absent.length - 1)] = true;
      }
    }
    ArenaTally tally = walk(heap, data.consumeLong(1, 1L << 24));
    assertTrue(heap.reads < 1_000_000);
    assertTrue(tally.inUseBytes >= 0 && tally.freeBytes >= 0 && tally.unknownBytes >= 0);
  }

  private static void assertConserved(ArrayHeap heap, ArenaTally tally) {
    long walked =
        tally.inUseBytes
            + tally.freeBytes
            + tally.topBytes
            + tally.overheadBytes
            + tally.unknownBytes;
    assertEquals(heap.bytes(), walked + (heap.first - ArrayHeap.HEAP));
  }

  private static ArenaTally walk(ArrayHeap heap, long budgetBytes) {
    ByteBudget budget = new ByteBudget(budgetBytes, ReadPace.UNPACED);
    ChunkWalk walk = new ChunkWalk(heap, new Presence(heap), budget, 1 << 16);
    ArenaTally tally =
        new ArenaTally(
            new SizeCensus(), new Presence(heap), new CacheCandidates(0, 0), ObjectVisitor.NONE);
    walk.walk(heap.segment(), tally);
    return tally;
  }
}
