package io.leakwatch.heap.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.proc.memory.MappingTable;
import org.junit.jupiter.api.Test;

class AddressSpaceTest {
  private static final int RW = MappingTable.READ | MappingTable.WRITE;

  @Test
  void shouldTakeWhatAdjoinsDataForItsBss() {
    MappingTable table = new MappingTable();
    table.add(0x7f4250d2b000L, 0x7f4250d2d000L, RW, 0x1d3000, 7, "/lib/libc.so.6");
    table.add(0x7f4250d2d000L, 0x7f4250d3a000L, RW, 0, 0, "");
    AddressSpace space = AddressSpace.of(table);
    assertTrue(space.isData(0x7f4250d2d000L));
    assertEquals(0, space.mmapped().count());
  }

  /** As seen in a JVM: a library loaded late lies right below an arena. */
  @Test
  void shouldNotTakeAnArenaForTheBssOfALibraryBelow() {
    MappingTable table = new MappingTable();
    table.add(0x7f4247fff000L, 0x7f4248000000L, RW, 0x5000, 7, "/lib/libsimdsort.so");
    table.add(0x7f4248000000L, 0x7f42480b0000L, RW, 0, 0, "");
    AddressSpace space = AddressSpace.of(table);
    assertFalse(space.isData(0x7f4248000030L));
    assertTrue(space.mmapped().contains(0x7f4248000030L));
  }
}
