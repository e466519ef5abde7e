package io.leakwatch.heap.memory;

import io.leakwatch.os.PageSize;
import io.leakwatch.text.Quantity;

/**
 * What one walk may cost. Sizes are bytes.
 *
 * @param bytesMax read from the target by one walk at the most; what is left is reported unknown
 * @param bytesPerSecondMax read from the target in a second by the daemon's walks
 * @param windowBytes read at once; smaller ones tear less often, larger ones cost fewer calls
 * @param arenasMax arenas read
 * @param heapsMax heaps read
 * @param listEntriesMax entries followed in free lists (fastbins and tcaches)
 * @param cacheCandidatesMax chunks that are read as possible tcaches
 * @param mmapProbePagesMax pages whose first words are read in search of mmapped chunks
 * @param mmappedChunksMax mmapped chunks that are distinguished
 * @param shapeScanBytesMax writable data of libraries searched for the main arena
 * @param censusSizesMax sizes in the report's census
 */
public record WalkSettings(
    long bytesMax,
    long bytesPerSecondMax,
    int windowBytes,
    int arenasMax,
    int heapsMax,
    int listEntriesMax,
    int cacheCandidatesMax,
    int mmapProbePagesMax,
    int mmappedChunksMax,
    int shapeScanBytesMax,
    int censusSizesMax) {

  /** Longest window; a chunk takes 32 bytes at least, so it also bounds the walk's journal. */
  static final int WINDOW_BYTES_MAX = 1 << 20;

  private static final int WINDOW_BYTES_MIN = 2 * PageSize.BYTES;

  public WalkSettings {
    if (windowBytes < WINDOW_BYTES_MIN
        || windowBytes > WINDOW_BYTES_MAX
        || windowBytes % PageSize.BYTES != 0) {
      throw new IllegalArgumentException(
          "window-bytes must be whole pages, from "
              + Quantity.size(WINDOW_BYTES_MIN)
              + " to "
              + Quantity.size(WINDOW_BYTES_MAX)
              + ", not "
              + Quantity.exact(windowBytes));
    }
    if (bytesMax <= 0
        || bytesPerSecondMax <= 0
        || arenasMax <= 0
        || heapsMax <= 0
        || listEntriesMax < 0
        || cacheCandidatesMax < 0
        || mmapProbePagesMax < 0
        || mmappedChunksMax < 0
        || shapeScanBytesMax < 0
        || censusSizesMax <= 0) {
      throw new IllegalArgumentException("a bound is negative or zero");
    }
  }
}
