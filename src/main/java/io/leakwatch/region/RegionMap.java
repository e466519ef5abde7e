package io.leakwatch.region;

import io.leakwatch.region.kind.RegionKind;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The regions of a process as columns, in address order: what each mapping is, and each part of a
 * mapping in which several kinds lie side by side (the kernel fuses neighbouring anonymous
 * mappings). Regions cover every mapping without gap or overlap. The map is filled again by each
 * {@link Classifier#classify} and keeps its storage.
 */
public final class RegionMap {
  /** Of its storage a region, which may have grown to twice of what is in use. */
  public static final int ROW_BYTES = 2 * (3 * Long.BYTES + 2 * Integer.BYTES + Byte.BYTES);

  private static final RegionKind[] KINDS = RegionKind.values();

  private int size;
  private int mappings;
  private long[] start = new long[256];
  private long[] end = new long[256];
  private long[] resident = new long[256];
  private int[] mapping = new int[256];
  private byte[] kind = new byte[256];
  private int[] firstRegion = new int[257];

  /** Number of regions, at least the number of mappings. */
  public int size() {
    return size;
  }

  public long start(int region) {
    return start[region];
  }

  /** First address behind the region. */
  public long end(int region) {
    return end[region];
  }

  public RegionKind kind(int region) {
    return KINDS[kind[region]];
  }

  /** Index of the mapping in the table that was classified. */
  public int mapping(int region) {
    return mapping[region];
  }

  /** Exact where the region is a whole mapping, otherwise its share of the mapping's Rss. */
  public long residentBytes(int region) {
    return resident[region];
  }

  /** First region of a mapping; its last is before the first one of the next mapping. */
  public int firstRegion(int mapping) {
    return firstRegion[mapping];
  }

  /** The kind of the largest region of a mapping. */
  public RegionKind kindOfMapping(int mapping) {
    int best = firstRegion[mapping];
    for (int r = best + 1; r < firstRegion[mapping + 1]; r++) {
      if (end[r] - start[r] > end[best] - start[best]) {
        best = r;
      }
    }
    return kind(best);
  }

  /** Index of the region that holds an address, -1 when nothing is mapped there. */
  public int indexOf(long address) {
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(address, start[middle]) < 0) {
        high = middle - 1;
      } else if (Long.compareUnsigned(address, end[middle]) >= 0) {
        low = middle + 1;
      } else {
        return middle;
      }
    }
    return -1;
  }

  /** The kind of the region that holds an address, null when nothing is mapped there. */
  public @Nullable RegionKind kindAt(long address) {
    int region = indexOf(address);
    return region < 0 ? null : kind(region);
  }

  void clear() {
    size = 0;
    mappings = 0;
  }

  /** Appends a region; those of one mapping follow each other. */
  void add(int mapping, long start, long end, RegionKind kind, long residentBytes) {
    if (size == this.start.length) {
      int capacity = size * 2;
      this.start = Arrays.copyOf(this.start, capacity);
      this.end = Arrays.copyOf(this.end, capacity);
      this.resident = Arrays.copyOf(this.resident, capacity);
      this.mapping = Arrays.copyOf(this.mapping, capacity);
      this.kind = Arrays.copyOf(this.kind, capacity);
      this.firstRegion = Arrays.copyOf(this.firstRegion, capacity + 1);
    }
    if (mapping >= mappings) {
      firstRegion[mapping] = size;
      mappings = mapping + 1;
    }
    this.start[size] = start;
    this.end[size] = end;
    this.kind[size] = (byte) kind.ordinal();
    this.mapping[size] = mapping;
    this.resident[size++] = residentBytes;
    firstRegion[mappings] = size;
  }
}
