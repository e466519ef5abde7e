package io.leakwatch.export;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.region.kind.RegionKind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a process' resident memory is, to the last page: what its owners say of theirs, and what
 * the kernel says of the rest. What no line explains is a line of its own. Bytes.
 *
 * @param owners those at work, in their order
 * @param mappedBytes that the program has mapped by itself, outside of every owner's memory
 * @param stackBytes of threads
 * @param fileBytes of files, written ones included
 * @param sharedBytes shared memory, and what the kernel maps into every process
 * @param residentBytes all that is explained or not
 */
public record RssBalance(
    List<Line> owners,
    long mappedBytes,
    long stackBytes,
    long fileBytes,
    long sharedBytes,
    long residentBytes) {

  public RssBalance {
    owners = List.copyOf(owners);
  }

  /**
   * One owner's memory.
   *
   * @param report null where its inside was not read or not recognised
   * @param balance of it, nothing where there is none
   * @param residentBytes of its kinds of memory, as the kernel counts them
   */
  public record Line(
      Allocator owner, @Nullable OwnerReport report, Balance balance, long residentBytes) {
    private Line with(long bytes) {
      return new Line(owner, report, balance, bytes);
    }

    /** What its parts do not explain. */
    public long unexplainedBytes() {
      return Math.max(0, residentBytes - balance().residentBytes());
    }
  }

  private static final Set<RegionKind> STACKS =
      EnumSet.of(RegionKind.THREAD_STACK, RegionKind.MAIN_STACK);

  private static final Set<RegionKind> FILES = EnumSet.of(RegionKind.FILE, RegionKind.FILE_PRIVATE);

  private static final Set<RegionKind> SHARED =
      EnumSet.of(RegionKind.SHARED_MEMORY, RegionKind.SPECIAL);

  /**
   * Whether most of the owners' memory is that of owners that were read: else what those hold says
   * nothing of the process.
   */
  public static boolean isMostlyRead(Layout layout, OwnerReports reports) {
    long owned = resident(layout, Allocator.allKinds());
    long read = 0;
    boolean isAny = false;
    for (OwnerReport report : reports.owners()) { // For each scrape: no list for each process.
      if (report.isRecognised()) {
        isAny = true;
        read += resident(layout, report.owner().kinds());
      }
    }
    return isAny && owned <= 2 * read;
  }

  /** The balance of a reading. */
  public static RssBalance of(Layout layout, OwnerReports reports) {
    List<Line> lines = new ArrayList<>(layout.allocators().size());
    boolean isKnown = true;
    long foreign = 0;
    for (String name : layout.allocators()) {
      Allocator owner = Allocator.ofWireName(name).orElse(null);
      if (owner == null) {
        continue;
      }
      OwnerReport report = reports.of(owner).filter(OwnerReport::isRecognised).orElse(null);
      long resident = resident(layout, owner.kinds());
      if (report == null) {
        isKnown &= resident == 0;
      } else {
        foreign += report.foreignBytes();
        resident = Math.max(0, resident - report.foreignBytes());
      }
      Balance balance = report == null ? Balance.ZERO : report.balance();
      lines.add(new Line(owner, report, balance, resident));
    }
    long anonymous = layout.totals(RegionKind.ANONYMOUS).residentBytes() + foreign;
    anonymous -= addMapped(lines, anonymous, true);
    anonymous -= addMapped(lines, anonymous, false);
    boolean isMapped = isKnown && !lines.isEmpty();
    long all = 0;
    for (Layout.Totals totals : layout.kinds().values()) {
      all += totals.residentBytes();
    }
    all -= layout.totals(RegionKind.HUGETLB).residentBytes(); // No part of Rss.
    return new RssBalance(
        lines,
        isMapped ? anonymous : 0,
        resident(layout, STACKS),
        resident(layout, FILES),
        resident(layout, SHARED),
        all);
  }

  /**
   * Gives owners what they got by mmap, and the kernel fused with its neighbours: as far as their
   * parts say so.
   *
   * @param collected whether to those with a collector, who know such memory page by page; they
   *     come before those whose parts are what a walk through chunks adds up
   * @return what was given
   */
  private static long addMapped(List<Line> lines, long anonymous, boolean collected) {
    long left = anonymous;
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      long more = Math.min(left, line.balance().residentBytes() - line.residentBytes());
      if (more > 0 && line.owner().isCollected() == collected) {
        lines.set(i, line.with(line.residentBytes() + more));
        left -= more;
      }
    }
    return anonymous - left;
  }

  /** What all owners spend on a part; of stacks, those of threads as well. */
  public long bytes(Balance.Part part) {
    long sum = part == Balance.Part.STACK ? stackBytes : 0;
    for (Line line : owners) {
      sum += line.balance().bytes(part);
    }
    return sum;
  }

  private static long resident(Layout layout, Collection<RegionKind> kinds) {
    long sum = 0;
    for (RegionKind kind : kinds) {
      sum += layout.totals(kind).residentBytes();
    }
    return sum;
  }

  /** What no line explains. */
  public long unexplainedBytes() {
    long explained = mappedBytes + stackBytes + fileBytes + sharedBytes;
    for (Line line : owners) {
      explained += line.residentBytes() - line.unexplainedBytes();
    }
    return Math.max(0, residentBytes - explained);
  }
}
