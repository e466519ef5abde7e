package io.leakwatch.heap.holders;

import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What a search for holders could not see, in words. */
final class HolderNotes {
  private static final double TOLD_FROM = 0.001;
  private static final double COVERAGE_MIN = 0.98;

  /** Where more was not read, it may hold what nothing else seems to. */
  private static final double UNSEARCHED_MAX = 0.01;

  private static final Set<RegionKind> OUTSIDE_HEAPS =
      EnumSet.of(
          RegionKind.FILE, RegionKind.FILE_PRIVATE, RegionKind.THREAD_STACK, RegionKind.MAIN_STACK);

  private final MappingTable table;
  private final RegionMap regions;
  private long overlapping;
  private long droppedPlaces;
  private long swappedBytes;
  private int runningThreads;
  private boolean kindsTooMany;
  private boolean kindsCut;
  private long budgetBytes = -1;
  private double coverage = 1;
  private boolean unrecognised;
  private Set<RegionKind> walked = Set.of();

  HolderNotes(MappingTable table, RegionMap regions) {
    this.table = table;
    this.regions = regions;
  }

  /** Resident bytes of the memory that a pass reads, where they are known. */
  long searchableBytes() {
    long sum = 0;
    for (int r = 0; r < regions.size(); r++) {
      if (HolderPass.mayHold(table, regions.mapping(r))) {
        sum += regions.residentBytes(r);
      }
    }
    return sum;
  }

  /** Whether none of some places can lie in a chunk of malloc's. */
  boolean lieOutsideHeaps(long[] locations) {
    for (long location : locations) {
      int region = regions.indexOf(location);
      if (region < 0 || !OUTSIDE_HEAPS.contains(regions.kind(region))) {
        return false;
      }
    }
    return true;
  }

  void overlapping() {
    overlapping++;
  }

  void droppedPlaces(long count) {
    droppedPlaces += count;
  }

  void swapped(long bytes) {
    swappedBytes = Math.max(swappedBytes, bytes);
  }

  void runningThreads(int count) {
    runningThreads = Math.max(runningThreads, count);
  }

  void kindsTooMany(boolean is) {
    kindsTooMany |= is;
  }

  void kindsCut(boolean is) {
    kindsCut |= is;
  }

  void budget(boolean exhausted, long bytesMax) {
    budgetBytes = exhausted ? bytesMax : -1;
  }

  void walked(OwnerReports reports) {
    unrecognised = reports.recognised().isEmpty();
    walked = reports.kinds();
    for (OwnerReport report : reports.recognised()) {
      coverage = Math.min(coverage, report.recognition().coverage());
    }
  }

  /** Whether so little was left out that what was not found is not there. */
  boolean isWhole(double unsearchedFraction) {
    return unsearchedFraction <= UNSEARCHED_MAX
        && budgetBytes < 0
        && !unrecognised
        && coverage >= COVERAGE_MIN;
  }

  /** What was left out and may hold what seems unreferenced. */
  List<String> unsearched(double unsearchedFraction) {
    List<String> notes = new ArrayList<>();
    if (unsearchedFraction >= TOLD_FROM) {
      notes.add(Quantity.percent(unsearchedFraction) + " of memory was not searched");
    }
    if (swappedBytes > 0) {
      notes.add(Quantity.size(swappedBytes) + " are swapped out and were not read");
    }
    if (budgetBytes >= 0) {
      notes.add("the search ended at its budget of " + Quantity.size(budgetBytes));
    }
    if (coverage < COVERAGE_MIN) {
      notes.add("only " + Quantity.percent(coverage) + " of the heaps were walked");
    }
    return List.copyOf(notes);
  }

  /** What else could not be seen. */
  List<String> details() {
    List<String> notes = new ArrayList<>();
    if (overlapping > 0) {
      notes.add(overlapping + " suspects overlapped others or were implausible, and were left out");
    }
    if (droppedPlaces > 0) {
      notes.add(droppedPlaces + " more references to the suspects exist than were kept");
    }
    if (runningThreads > 0) {
      notes.add(
          runningThreads + " threads ran all the time: leftovers on their stacks count as holders");
    }
    if (kindsTooMany) {
      notes.add("too many objects refer to each other to follow them");
    }
    if (kindsCut) {
      notes.add("objects that refer to each other were followed only up to a limit");
    }
    addKinds(notes);
    return List.copyOf(notes);
  }

  private boolean isOfUnreadOwner(RegionKind kind) {
    return !walked.contains(kind)
        && Allocator.ofKind(kind).filter(owner -> owner != Allocator.PTMALLOC).isPresent();
  }

  private void addKinds(List<String> notes) {
    Set<RegionKind> without = EnumSet.noneOf(RegionKind.class);
    long sharedBytes = 0;
    for (int r = 0; r < regions.size(); r++) {
      RegionKind kind = regions.kind(r);
      if (kind == RegionKind.SHARED_MEMORY) {
        sharedBytes += regions.residentBytes(r);
      } else if (isOfUnreadOwner(kind)) {
        without.add(kind);
      }
    }
    if (!without.isEmpty()) {
      notes.add(
          "no object boundaries are known in "
              + String.join(", ", without.stream().map(RegionKind::wireName).toList())
              + ": references from there may lie in freed memory");
    } else if (unrecognised) {
      notes.add("malloc's heaps were not recognised: references from them may lie in freed memory");
    }
    if (sharedBytes > 0) {
      notes.add(Quantity.size(sharedBytes) + " of shared memory were not searched");
    }
  }
}
