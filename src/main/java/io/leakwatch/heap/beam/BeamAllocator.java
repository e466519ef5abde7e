package io.leakwatch.heap.beam;

/**
 * An allocator of BEAM, one of several for each kind of memory ({@code Allctr_t} in
 * erts/emulator/beam/erl_alloc_util.h).
 *
 * @param name of the kind, e.g. {@code eheap}
 * @param number of the kind
 * @param headBytes what begins each of its carriers that hold many blocks
 */
record BeamAllocator(long address, String name, int number, int headBytes) {
  static final int NAME = 0x78;
  static final int NUMBER = 0x80;
  static final int HEAD = 0x128;
  static final int SINGLES = 0x160;

  /** Numbers of kinds, which index a carrier's sums. */
  static final int KINDS = 12;

  private static final int HEAD_BYTES_MIN = 0x130;
  private static final int HEAD_BYTES_MAX = 4096;

  /** Whether its figures may be an allocator's. */
  boolean isSound() {
    return !name.isEmpty()
        && number > 0
        && number < KINDS
        && headBytes >= HEAD_BYTES_MIN
        && headBytes <= HEAD_BYTES_MAX
        && headBytes % 8 == 0;
  }

  /** Where the first of its carriers for single blocks is noted. */
  long firstSingle() {
    return address + SINGLES;
  }
}
