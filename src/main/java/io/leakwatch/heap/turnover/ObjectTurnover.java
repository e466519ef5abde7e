package io.leakwatch.heap.turnover;

import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeCensus;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.region.kind.Allocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which of an owner's objects came between two walks of one process, and which went, by size.
 *
 * <p>The first walk leaves a {@link ObjectSet} of all chunks in use; what the second one sees and
 * the set does not hold has come since. Of each size a fair sample is kept: of the chunks of the
 * first walk, because what they hold can only be read before they go, and of those that came. How
 * many went follows from the counts. A chunk that was freed and given out again at the same address
 * between the walks looks as if it had stayed.
 */
public final class ObjectTurnover {
  private static final long LARGE_BYTES = 64 << 10;
  private static final int SMALL_SIZES = 8192;
  private static final int LARGE_SIZES_MAX = 8192;

  private final Allocator owner;
  private final ObjectSet present;
  private final ObjectSet fresh;
  private final SizeCensus before = new SizeCensus();
  private final SizeCensus after = new SizeCensus();
  private final SizeCensus come = new SizeCensus();
  private final Samples oldSamples;
  private final Samples newSamples;

  /**
   * A turnover without any walk.
   *
   * @param owner of the objects
   * @param bytesMax for the set of objects
   * @param oldSampleMax chunks of each size of which the first walk keeps the addresses
   * @param newSampleMax the same for those that came
   */
  public ObjectTurnover(Allocator owner, long bytesMax, int oldSampleMax, int newSampleMax) {
    this.owner = owner;
    this.present = new ObjectSet(bytesMax / 4 * 3);
    this.fresh = new ObjectSet(bytesMax / 4);
    this.oldSamples = new Samples(oldSampleMax);
    this.newSamples = new Samples(newSampleMax);
  }

  /**
   * One size that has more chunks than before.
   *
   * @param chunkBytes as the owner counts one
   * @param usableBytes that the application can use of one
   * @param bytesGrowth count times size; for large chunks less, where others shrank: an array that
   *     grows moves into a larger chunk and leaves its old one
   * @param sample addresses of chunks that came
   */
  public record Growth(
      long chunkBytes,
      long usableBytes,
      long countGrowth,
      long bytesGrowth,
      long come,
      long gone,
      List<Long> sample) {}

  /** Samples by size: an array for those that nearly all chunks have, a bounded map for others. */
  private static final class Samples {
    private final int sampleMax;
    private final @Nullable AddressSample[] small = new @Nullable AddressSample[SMALL_SIZES];
    private final Map<Long, AddressSample> large = new HashMap<>();

    Samples(int sampleMax) {
      this.sampleMax = sampleMax;
    }

    @Nullable AddressSample of(long bytes, boolean make) {
      long unit = bytes >>> 3;
      if (unit < SMALL_SIZES) {
        AddressSample sample = small[(int) unit];
        if (sample == null && make) {
          sample = new AddressSample(sampleMax, bytes);
          small[(int) unit] = sample;
        }
        return sample;
      }
      AddressSample sample = large.get(bytes);
      if (sample == null && make && large.size() < LARGE_SIZES_MAX) {
        sample = new AddressSample(sampleMax, bytes);
        large.put(bytes, sample);
      }
      return sample;
    }

    void offer(long bytes, long address) {
      AddressSample sample = of(bytes, true);
      if (sample != null) {
        sample.offer(address);
      }
    }

    void withdraw(long bytes, long address) {
      AddressSample sample = of(bytes, false);
      if (sample != null) {
        sample.withdraw(address);
      }
    }

    long[] addresses(long bytes) {
      AddressSample sample = of(bytes, false);
      return sample == null ? new long[0] : sample.addresses();
    }
  }

  public Allocator owner() {
    return owner;
  }

  /** Listens to the first walk. */
  public ObjectVisitor first() {
    return new ObjectVisitor() {
      @Override
      public void object(long address, long objectBytes, boolean inUse) {
        if (inUse) {
          long bytes = owner.countedBytes(objectBytes);
          before.add(bytes);
          present.add(address);
          oldSamples.offer(bytes, address);
        }
      }

      @Override
      public void cached(long address, long objectBytes) {
        long bytes = owner.countedBytes(objectBytes);
        before.remove(bytes);
        present.remove(address);
        oldSamples.withdraw(bytes, address);
      }
    };
  }

  /** Listens to the second walk. */
  public ObjectVisitor second() {
    return new ObjectVisitor() {
      @Override
      public void object(long address, long objectBytes, boolean inUse) {
        if (inUse) {
          long bytes = owner.countedBytes(objectBytes);
          after.add(bytes);
          if (present.covers(address) && !present.remove(address) && fresh.add(address)) {
            come.add(bytes);
            newSamples.offer(bytes, address);
          }
        }
      }

      @Override
      public void cached(long address, long objectBytes) {
        long bytes = owner.countedBytes(objectBytes);
        after.remove(bytes);
        if (fresh.remove(address)) {
          come.remove(bytes);
          newSamples.withdraw(bytes, address);
        }
      }
    };
  }

  /**
   * The sizes that hold most bytes in the first walk, by the bytes that the application can use of
   * an object, each with its sample.
   *
   * @param sizesMax entries at the most
   */
  public Map<Long, long[]> oldSamples(int sizesMax) {
    Map<Long, long[]> samples = new HashMap<>();
    for (SizeClass size : before.largest(sizesMax)) {
      samples.put(owner.usableBytes(size.chunkBytes()), oldSamples.addresses(size.chunkBytes()));
    }
    return samples;
  }

  /** Whether a chunk of the first walk's samples was there no more in the second. */
  public boolean isGone(long address) {
    return present.contains(address);
  }

  /**
   * By how many bytes chance alone moves what is in use between the two walks: the root of the sum
   * of squares of all chunks that came and that went, each for itself. Large ones are left out.
   */
  public double deviationBytes() {
    Map<Long, Long> came = came();
    double squares = 0;
    for (SizeCensus.Growth growth : differences()) {
      if (growth.chunkBytes() >= LARGE_BYTES) {
        continue;
      }
      double come = Math.max(growth.count(), came.getOrDefault(growth.chunkBytes(), 0L));
      double gone = come - growth.count();
      squares += (come + gone) * growth.chunkBytes() * growth.chunkBytes();
    }
    return Math.sqrt(squares);
  }

  /**
   * The same of large ones, by the difference of their numbers alone: an array that grows goes at
   * one size and comes at another.
   */
  public double largeDeviationBytes() {
    double squares = 0;
    for (SizeCensus.Growth growth : differences()) {
      if (growth.chunkBytes() >= LARGE_BYTES) {
        squares += Math.abs((double) growth.count()) * growth.chunkBytes() * growth.chunkBytes();
      }
    }
    return Math.sqrt(squares);
  }

  /** By how much large ones grew, 0 where they shrank. */
  public double largeGrowthBytes() {
    double grown = 0;
    for (SizeCensus.Growth growth : differences()) {
      grown += growth.chunkBytes() >= LARGE_BYTES ? growth.bytes() : 0;
    }
    return Math.max(0, grown);
  }

  /** How many chunks of each size came, as far as the sets tell. */
  private Map<Long, Long> came() {
    Map<Long, Long> came = new HashMap<>();
    for (SizeClass size : come.largest(Integer.MAX_VALUE)) {
      came.put(size.chunkBytes(), Math.round(size.count() / present.share() / fresh.share()));
    }
    return came;
  }

  private List<SizeCensus.Growth> differences() {
    return SizeCensus.difference(
        before.largest(Integer.MAX_VALUE), after.largest(Integer.MAX_VALUE));
  }

  /** The sizes that grew beyond what coming and going does by chance, most bytes first. */
  public List<Growth> growth() {
    Map<Long, Long> came = came();
    List<SizeCensus.Growth> differences = differences();
    double movedShare = movedShare(differences);
    List<Growth> growths = new ArrayList<>();
    for (SizeCensus.Growth growth : differences) {
      if (growth.count() <= 0) {
        break;
      }
      double part = growth.chunkBytes() >= LARGE_BYTES ? 1 - movedShare : 1;
      long come = Math.max(growth.count(), came.getOrDefault(growth.chunkBytes(), 0L));
      long gone = come - growth.count();
      if (isClear(growth, gone)) {
        growths.add(
            new Growth(
                growth.chunkBytes(),
                owner.usableBytes(growth.chunkBytes()),
                growth.count(),
                Math.round(growth.bytes() * part),
                come,
                gone,
                Arrays.stream(newSamples.addresses(growth.chunkBytes())).boxed().toList()));
      }
    }
    growths.sort(Comparator.comparingLong(Growth::bytesGrowth).reversed());
    return growths;
  }

  /** The part of the large chunks' growth that only took the place of large chunks that went. */
  private static double movedShare(List<SizeCensus.Growth> differences) {
    double grown = 0;
    double shrunk = 0;
    for (SizeCensus.Growth difference : differences) {
      if (difference.chunkBytes() >= LARGE_BYTES) {
        grown += Math.max(0, difference.bytes());
        shrunk -= Math.min(0, difference.bytes());
      }
    }
    return grown <= 0 ? 0 : Math.min(1, shrunk / grown);
  }

  /** Chance alone moves a count by the root of what came and went; a leak has nothing that went. */
  private static boolean isClear(SizeCensus.Growth growth, long gone) {
    int least = growth.bytes() >= 64 << 10 ? 1 : 4;
    return growth.count() >= least + 3 * Math.sqrt(2.0 * gone);
  }
}
