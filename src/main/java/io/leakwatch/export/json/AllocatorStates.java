package io.leakwatch.export.json;

import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.region.kind.RegionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is known of each allocator of a process, and what is not, in one shape for all of them. What
 * the kernel tells is known of each: how much of its address space is resident, given back lazily
 * (MADV_FREE; freed, but resident until somebody needs it), swapped, or without memory behind it
 * (never touched, or given back by MADV_DONTNEED).
 *
 * @param pages what the kernel tells
 * @param inUseBytes what the application has not freed, -1 when not known
 * @param heldBytes freed and kept by the allocator, -1 when not known
 * @param notKnown in words, {@code ""} when nothing is missing
 */
public record AllocatorStates(
    String allocator, Layout.Totals pages, long inUseBytes, long heldBytes, String notKnown) {
  private static final String UNREAD = "bytes in use: its structures were not read";

  /** Address space without memory behind it. */
  public long absentBytes() {
    return Math.max(0, pages.mappedBytes() - pages.residentBytes() - pages.swapBytes());
  }

  public static List<AllocatorStates> of(Layout layout, OwnerReports owners) {
    List<AllocatorStates> states = new ArrayList<>();
    for (String name : layout.allocators()) {
      Optional<Allocator> allocator = Allocator.ofWireName(name);
      if (allocator.isPresent()) {
        AllocatorStates pages = of(allocator.get(), layout);
        states.add(owners.of(allocator.get()).map(pages::with).orElse(pages));
      }
    }
    return states;
  }

  private AllocatorStates with(OwnerReport report) {
    return report.isRecognised()
        ? new AllocatorStates(
            allocator,
            pages,
            report.handedOutBytes(),
            report.freeBytes(),
            String.join("; ", report.recognition().notes()))
        : new AllocatorStates(
            allocator, pages, -1, -1, "bytes in use: its structures were not recognised");
  }

  private static AllocatorStates of(Allocator allocator, Layout layout) {
    Layout.Totals pages = Layout.Totals.ZERO;
    for (RegionKind kind : allocator.kinds()) {
      pages = pages.plus(layout.totals(kind));
    }
    return new AllocatorStates(allocator.wireName(), pages, -1, -1, UNREAD);
  }
}
