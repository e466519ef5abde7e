package io.leakwatch.heap.holders;

import io.leakwatch.text.Quantity;

/**
 * What one search for holders may cost. Sizes are bytes.
 *
 * @param passesMax scans of the whole memory, each of which leads one level up
 * @param chunksMax chunks whose holders are searched for by one pass
 * @param placesPerChunkMax places that are kept of those that refer to one chunk
 * @param placesMax the same for one pass
 * @param bytesMax read from the target by all scans together
 * @param pieceBytes read at once
 * @param threadsMax threads whose stacks are distinguished
 * @param kindsMapBytes memory for the map of all chunks of the sizes that refer to each other
 * @param kindPagesMax pages read while such chunks are followed from one to the next
 * @param holdersMax holders reported per group
 * @param bytesPerSecondMax read from the target in a second by the daemon's searches
 * @param groupsMax suspects whose holders are searched for, the ones that grew most
 * @param chunksPerGroupMax chunks that are taken of each
 * @param pinsMax arenas of which the holder of the pinning chunk is searched for, the most pinned
 */
public record HolderSettings(
    int passesMax,
    int chunksMax,
    int placesPerChunkMax,
    int placesMax,
    long bytesMax,
    int pieceBytes,
    int threadsMax,
    long kindsMapBytes,
    int kindPagesMax,
    int holdersMax,
    long bytesPerSecondMax,
    int groupsMax,
    int chunksPerGroupMax,
    int pinsMax) {

  /** Room for one piece is held twice during a scan. */
  private static final int PIECE_BYTES_MAX = 1 << 20;

  public HolderSettings {
    if (pieceBytes < 4096 || pieceBytes > PIECE_BYTES_MAX || pieceBytes % 4096 != 0) {
      throw new IllegalArgumentException(
          "piece-bytes must be whole pages, from 4 KiB to "
              + Quantity.size(PIECE_BYTES_MAX)
              + ", not "
              + Quantity.exact(pieceBytes));
    }
    if (passesMax < 1
        || chunksMax < 1
        || placesPerChunkMax < 1
        || placesMax < 1
        || bytesMax < 1
        || threadsMax < 0
        || kindsMapBytes < 0
        || kindPagesMax < 0
        || holdersMax < 1
        || bytesPerSecondMax < 1
        || groupsMax < 0
        || chunksPerGroupMax < 1
        || pinsMax < 0) {
      throw new IllegalArgumentException("a bound is negative or zero");
    }
  }
}
