package io.leakwatch.heap.ptmalloc;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.proc.memory.MappingTable;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the search for an arena among a program's variables costs where there is none. */
class ArenaShapeTest {
  private static final long DATA = 0x7f1000000000L;
  private static final long HEAP = 0x7f2000000000L;
  private static final int DATA_BYTES = 1 << 20;
  private static final int HEAP_BYTES = 8 << 20;

  /** As the archive of classes of a JVM, which is mapped writable and full of pointers. */
  @Test
  void shouldReadATableOfPointersAndNumbersOnce() {
    search(16, 1_000);
  }

  /** All that could be bins: each would take a read for every arena that there may be. */
  @Test
  void shouldFollowFewRingsInATableOfPointersAlone() {
    search(0, 20 * Defaults.WALK.arenasMax());
  }

  private static void search(int numberEach, int readsMax) {
    MappingTable table = new MappingTable();
    int permissions = MappingTable.READ | MappingTable.WRITE;
    table.add(DATA, DATA + DATA_BYTES, permissions, 0, 7, "/usr/lib/classes.jsa");
    table.add(HEAP, HEAP + HEAP_BYTES, permissions, 0, 0, "");
    Pointers memory = new Pointers(numberEach, readsMax);

    assertNull(new ArenaFinder(memory, AddressSpace.of(table), Defaults.WALK).find(List.of()));

    assertTrue(memory.reads > 0);
  }

  /** Words that refer to the heap, there to ever further ones, and each so many a number. */
  private static final class Pointers extends WordMemory {
    private final int numberEach;
    private final int readsMax;
    private int reads;

    private Pointers(int numberEach, int readsMax) {
      this.numberEach = numberEach;
      this.readsMax = readsMax;
    }

    @Override
    public int peek(long address, long[] into, int words) {
      if (++reads > readsMax) {
        throw new AssertionError("more than " + readsMax + " reads");
      }
      boolean isData = address >= DATA && address < DATA + DATA_BYTES;
      boolean isHeap = address >= HEAP && address < HEAP + HEAP_BYTES;
      long end = isData ? DATA + DATA_BYTES : isHeap ? HEAP + HEAP_BYTES : address;
      int count = (int) Math.min(words, end - address >>> 3);
      for (int i = 0; i < count; i++) {
        long at = address + i * 8L;
        boolean isNumber = isData && numberEach > 0 && at / 8 % numberEach == 0;
        into[i] = isNumber ? at / 8 | 1 : HEAP + (at & HEAP_BYTES / 2 - 1 & -16) + 0x1000;
      }
      return count;
    }

    @Override
    public long present(long start, int pages, long[] bits) {
      Arrays.fill(bits, -1);
      return 0;
    }

    @Override
    public int pageBytes() {
      return 4096;
    }
  }
}
