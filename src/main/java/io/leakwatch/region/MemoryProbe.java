package io.leakwatch.region;

/**
 * A few words of a process' memory, read from outside. Classification asks for them only where a
 * heap header may lie; an implementation must never fault a page in or swap one in to answer.
 */
@FunctionalInterface
public interface MemoryProbe {

  /** For a process whose memory may not be read: layout alone decides. */
  MemoryProbe NONE =
      new MemoryProbe() {
        @Override
        public boolean read(long address, long[] words) {
          return false;
        }

        @Override
        public boolean mayRead() {
          return false;
        }
      };

  /**
   * Reads consecutive 8-byte words.
   *
   * @param address of the first word, a multiple of 8
   * @param words filled from its first to its last element, in the process' byte order
   * @return false when any of them is not in memory or may not be read
   */
  boolean read(long address, long[] words);

  /**
   * Whether the contents of the memory may be read at all. Where they may not, {@link
   * #residentBytes} may still answer: it needs less permission.
   */
  default boolean mayRead() {
    return true;
  }

  /**
   * Resident bytes of an address range, used to divide a mapping's Rss among the kinds that share
   * it.
   *
   * @return -1 when unknown; then the Rss is divided in proportion to the lengths
   */
  default long residentBytes(long start, long end) {
    return -1;
  }
}
