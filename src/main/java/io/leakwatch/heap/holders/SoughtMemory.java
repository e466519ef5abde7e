package io.leakwatch.heap.holders;

/**
 * Memory of a process of which somebody wants to know who holds it.
 *
 * @param address the first byte that the application uses
 * @param bytes that it can use
 * @param chunk whether malloc handed it out, so that it can be seen to be freed meanwhile
 * @param group the caller's own number of what it was found with; figures are reported by group
 */
public record SoughtMemory(long address, long bytes, boolean chunk, int group) {

  /** A chunk as a walk tells it, by its header's address and its size. */
  public static SoughtMemory ofChunk(long chunkAddress, long chunkBytes, int group) {
    return new SoughtMemory(
        chunkAddress + ChunkPlaces.HEADER_BYTES,
        chunkBytes - ChunkPlaces.HEADER_BYTES,
        true,
        group);
  }
}
