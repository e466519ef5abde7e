package io.leakwatch.region;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.util.ArrayList;
import java.util.List;

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
    int first = 0;
    long resident = 0;
    for (int i = 0; i < found.size(); i++) { // An object for each run, not for each mapping.
      resident += found.residentBytes(i);
      if (i + 1 == found.size() || !isOneRun(table, found, i)) {
        long start = found.start(first);
        long end = found.end(i);
        String name = name(table.name(found.mapping(i)));
        regions.add(
            new Region(start, end, end - start, resident, found.kind(i), i + 1 - first, name));
        first = i + 1;
        resident = 0;
      }
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

  /** Whether nothing is lost by putting a region and the next together. */
  private static boolean isOneRun(MappingTable table, RegionMap found, int i) {
    return found.end(i) == found.start(i + 1)
        && found.kind(i) == found.kind(i + 1)
        && isSameName(table.name(found.mapping(i)), table.name(found.mapping(i + 1)));
  }

  private static boolean isSameName(String one, String other) {
    return one.equals(other) || name(one).equals(name(other));
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

  private static String name(String mapped) {
    String last = mapped.substring(mapped.lastIndexOf('/') + 1);
    return last.length() <= NAME_CHARACTERS_MAX ? last : last.substring(0, NAME_CHARACTERS_MAX);
  }
}
