package io.leakwatch.heap.tcmalloc;

import io.leakwatch.heap.memory.AddressSpace.DataSegment;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.heap.memory.Words;

/**
 * What the page heap has from the system by its own count, which stands among the variables before
 * the bytes of free spans and of those given back ({@code PageHeap::Stats} in src/page_heap.h). It
 * is found by these three, as they were counted span by span: they may have moved a little since.
 */
final class SystemBytes {
  private static final long PAGE_BYTES = 4096;
  private static final long SLACK_BYTES = 8 << 20;
  private static final long SHARE = 32;

  private final Words words;
  private final SpanTally tally;
  private final long[] three = new long[3];
  private double nearest = Double.MAX_VALUE;
  private long found;

  SystemBytes(Words words, SpanTally tally) {
    this.words = words;
    this.tally = tally;
  }

  /** The count, 0 where no words come near. */
  long find(DataSegment data, WalkSettings settings) {
    long total = tally.systemBytes();
    long slack = SLACK_BYTES + total / SHARE;
    words.search(
        data,
        settings.shapeScanBytesMax(),
        (address, word) -> {
          boolean near =
              word % PAGE_BYTES == 0
                  && word > total / 2
                  && Math.abs(word - total) <= slack
                  && words.read(address, three, 3);
          if (near) {
            double distance =
                (double) Math.abs(word - total)
                    + Math.abs(three[1] - tally.wholeBytes(Span.FREE))
                    + Math.abs(three[2] - tally.wholeBytes(Span.RETURNED));
            if (distance <= 3.0 * slack && distance < nearest) {
              nearest = distance;
              found = word;
            }
          }
          return nearest > 0;
        });
    return found;
  }
}
