package io.leakwatch.region;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A picture of an address space that is small enough to be kept of each process: its regions in
 * address order, where neighbours that say the same are one. A process with a thousand mappings has
 * some dozens of such regions; where there are still more than are kept, those are put together
 * that lie nearest to each other, so what is far apart stays apart.
 *
 * @param regions in address order, not overlapping
 * @param isMerged whether unlike neighbours were put together
 */
public record AddressSpace(List<Region> regions, boolean isMerged) {
  /** One that was not read. */
  public static final AddressSpace UNKNOWN = new AddressSpace(List.of(), false);

  private static final int REGIONS_MAX = 128;
  private static final int NAME_CHARACTERS_MAX = 48;

  /** Neighbours so near are put together at first; twice the distance in each further attempt. */
  private static final long FIRST_GAP_BYTES = 64 << 10;

  public AddressSpace {
    regions = List.copyOf(regions);
  }

  /**
   * Neighbouring mappings, or parts of mappings, of one kind.
   *
   * @param end first address behind it, compared unsigned
   * @param mappedBytes without the gaps between them
   * @param kind of most of it
   * @param mappings how many, each part of a divided one counted
   * @param name last part of the file's path, the kernel's name, {@code ""} where there is none
   */
  public record Region(
      long start,
      long end,
      long mappedBytes,
      long residentBytes,
      RegionKind kind,
      int mappings,
      String name) {

    /** Whether nothing is lost by putting them together. */
    private boolean saysTheSame(Region next) {
      return end == next.start && kind == next.kind && name.equals(next.name);
    }

    private boolean lies(long gapBytes, Region next) {
      return next.start - end >= 0 && next.start - end <= gapBytes;
    }

    private Region with(Region next) {
      boolean isMost = residentBytes >= next.residentBytes;
      return new Region(
          start,
          next.end,
          mappedBytes + next.mappedBytes,
          residentBytes + next.residentBytes,
          isMost ? kind : next.kind,
          mappings + next.mappings,
          isMost ? name : next.name);
    }
  }

  /** The regions that a classification has found. */
  static AddressSpace of(MappingTable table, RegionMap found) {
    List<Region> regions = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      add(
          regions,
          new Region(
              found.start(i),
              found.end(i),
              found.end(i) - found.start(i),
              found.residentBytes(i),
              found.kind(i),
              1,
              name(table.name(found.mapping(i)))));
    }
    boolean isMerged = regions.size() > REGIONS_MAX;
    for (long gap = FIRST_GAP_BYTES; regions.size() > REGIONS_MAX && gap > 0; gap *= 2) {
      merge(regions, gap, true);
      if (regions.size() > REGIONS_MAX) {
        merge(regions, gap, false);
      }
    }
    return new AddressSpace(regions, isMerged);
  }

  private static void add(List<Region> regions, Region next) {
    Region last = regions.isEmpty() ? null : regions.get(regions.size() - 1);
    if (last != null && last.saysTheSame(next)) {
      regions.set(regions.size() - 1, last.with(next));
    } else {
      regions.add(next);
    }
  }

  /** Puts neighbours together until few enough are left. */
  private static void merge(List<Region> regions, long gapBytes, boolean sameKind) {
    int surplus = regions.size() - REGIONS_MAX;
    int kept = 0;
    for (int i = 1; i < regions.size(); i++) {
      Region last = regions.get(kept);
      Region next = regions.get(i);
      if (surplus > 0 && last.lies(gapBytes, next) && (!sameKind || last.kind() == next.kind())) {
        regions.set(kept, last.with(next));
        surplus--;
      } else {
        regions.set(++kept, next);
      }
    }
    regions.subList(kept + 1, regions.size()).clear();
  }

  private static String name(@Nullable String mapped) {
    if (mapped == null || mapped.isEmpty()) {
      return "";
    }
    String last = mapped.substring(mapped.lastIndexOf('/') + 1);
    return last.length() <= NAME_CHARACTERS_MAX ? last : last.substring(0, NAME_CHARACTERS_MAX);
  }
}
