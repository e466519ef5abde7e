package io.leakwatch.heap.content;

import io.leakwatch.text.Quantity;
import java.util.List;

/**
 * How closely the content of memory is read, and what of it may be shown.
 *
 * @param sizesMax chunk sizes that are read, the ones that grew most
 * @param chunksPerSize chunks of each that are read
 * @param pagesMax new pages that are read where no chunks are known
 * @param blockBytes read of each chunk
 * @param suspectsMax groups in the result
 * @param samplesMax examples of each
 * @param shownPrefixes begins of strings that are shown as they are; the rest is masked
 * @param showProgramText whether the common begin of many different strings is shown when the
 *     program's own read-only data holds it too
 */
public record ContentSettings(
    int sizesMax,
    int chunksPerSize,
    int pagesMax,
    int blockBytes,
    int suspectsMax,
    int samplesMax,
    List<String> shownPrefixes,
    boolean showProgramText) {

  public ContentSettings {
    if (sizesMax < 1 || chunksPerSize < 1 || pagesMax < 0 || suspectsMax < 1 || samplesMax < 0) {
      throw new IllegalArgumentException("a bound is negative or zero");
    }
    if (blockBytes < 64 || blockBytes > 4096 || blockBytes % 16 != 0) {
      throw new IllegalArgumentException(
          "block-bytes must be a multiple of 16 B, from 64 B to 4 KiB, not "
              + Quantity.exact(blockBytes));
    }
    shownPrefixes = List.copyOf(shownPrefixes);
  }
}
