package io.leakwatch.history;

import io.leakwatch.history.block.ColumnCodes;
import io.leakwatch.history.block.SampleBlock;
import io.leakwatch.sample.Sample;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Samples of one process on their way into the history, in the few bytes that they take in it. Old
 * ones are folded as the retention would fold them, so that their number is bounded by the windows
 * that there are; the others are bounded by {@link #SAMPLES_MAX}.
 */
public final class PackedSamples implements Iterable<Sample> {
  /** A sample every 2.5 s for a week; some 2 MB. */
  public static final int SAMPLES_MAX = 250_000;

  private final ColumnCodes codes = new ColumnCodes();
  private final SampleFolding folding;
  private final List<byte[]> blocks = new ArrayList<>();
  private final List<Sample> open = new ArrayList<>();
  private double firstSeconds = Double.NaN;
  private double lastSeconds = Double.NEGATIVE_INFINITY;
  private long size;

  /**
   * @param nowSeconds seconds since 1970; says what is old
   */
  public PackedSamples(HistorySettings settings, double nowSeconds) {
    this.folding =
        SampleFolding.by(settings, SampleBlock.toMillis(nowSeconds), this::pack, this::pack);
  }

  /**
   * Takes a sample.
   *
   * @return false where it is not later than the one before, and is not taken
   * @throws TooMany where there is no room
   */
  public boolean add(Sample sample) {
    if (!(sample.timeSeconds() > lastSeconds)) {
      return false;
    }
    if (size == SAMPLES_MAX) {
      throw new TooMany();
    }
    firstSeconds = Double.isNaN(firstSeconds) ? sample.timeSeconds() : firstSeconds;
    lastSeconds = sample.timeSeconds();
    folding.accept(sample);
    return true;
  }

  /** More samples than {@link #SAMPLES_MAX}; unchecked, as whoever reads a source is in between. */
  public static final class TooMany extends RuntimeException {
    TooMany() {
      super("more than " + SAMPLES_MAX + " samples");
    }
  }

  /** Ends it: no more is added. */
  public PackedSamples complete() {
    folding.finish();
    packOpen();
    return this;
  }

  private void pack(Sample sample) {
    open.add(sample);
    size++;
    if (open.size() == SampleTable.BLOCK_SAMPLES) {
      packOpen();
    }
  }

  private void packOpen() {
    if (!open.isEmpty()) {
      codes.number(SampleBlock.columns(open));
      blocks.add(SampleBlock.encode(open, codes));
      open.clear();
    }
  }

  /** How many are kept. */
  public long size() {
    return size;
  }

  /** Time of the first one that was added, {@code NaN} where none was. */
  public double firstSeconds() {
    return firstSeconds;
  }

  /** The samples that are kept, in rising order of time. */
  @Override
  public Iterator<Sample> iterator() {
    return new Iterator<>() {
      private final Iterator<byte[]> packed = blocks.iterator();
      private Iterator<Sample> unpacked = List.<Sample>of().iterator();

      @Override
      public boolean hasNext() {
        return unpacked.hasNext() || packed.hasNext();
      }

      @Override
      public Sample next() {
        if (!unpacked.hasNext() && packed.hasNext()) {
          unpacked = unpack(packed.next()).iterator();
        }
        if (!unpacked.hasNext()) {
          throw new NoSuchElementException();
        }
        return unpacked.next();
      }
    };
  }

  private List<Sample> unpack(byte[] block) {
    try {
      return SampleBlock.decode(block, codes);
    } catch (SampleBlock.Damaged e) {
      throw new IllegalStateException("a block of our own", e);
    }
  }
}
