package io.leakwatch.heap;

import io.leakwatch.region.kind.Allocator;
import io.leakwatch.region.kind.RegionKind;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the owners of one process' memory hold, as far as they can be read.
 *
 * @param owners those that were read, recognised or not, the one that serves {@code malloc} first
 */
public record OwnerReports(List<OwnerReport> owners) {
  /** Of a process whose memory was not read. */
  public static final OwnerReports NONE = new OwnerReports(List.of());

  /** Below it the sums of a walk are no measure of growth. */
  private static final double COVERAGE_TRUSTED = 0.98;

  public OwnerReports {
    owners = List.copyOf(owners);
  }

  public static OwnerReports of(OwnerReport... owners) {
    return new OwnerReports(List.of(owners));
  }

  /** The report of glibc's malloc, null where it is not at work or was not read. */
  public @Nullable HeapReport ptmalloc() {
    return find(HeapReport.class);
  }

  /** The report of a kind, null where there is none. */
  public <R extends OwnerReport> @Nullable R find(Class<R> kind) {
    for (OwnerReport owner : owners) { // For each scrape: no stream for each process.
      if (kind.isInstance(owner)) {
        return kind.cast(owner);
      }
    }
    return null;
  }

  public Optional<OwnerReport> of(Allocator owner) {
    for (OwnerReport report : owners) {
      if (report.owner() == owner) {
        return Optional.of(report);
      }
    }
    return Optional.empty();
  }

  /** The same with one of them in another's place. */
  public OwnerReports with(OwnerReport changed) {
    return new OwnerReports(
        owners.stream()
            .map(report -> report.owner() == changed.owner() ? changed : report)
            .toList());
  }

  /** The same with so many parts of each listed, for what is kept of each process. */
  public OwnerReports brief(int partsMax) {
    return new OwnerReports(owners.stream().map(report -> report.brief(partsMax)).toList());
  }

  /** Whether the structures of any were recognised. */
  public boolean isAnyRecognised() {
    for (OwnerReport owner : owners) { // For each scrape: no stream for each process.
      if (owner.isRecognised()) {
        return true;
      }
    }
    return false;
  }

  /** Those whose structures were recognised. */
  public List<OwnerReport> recognised() {
    return owners.stream().filter(OwnerReport::isRecognised).toList();
  }

  /** The kinds of memory whose objects are known. */
  public Set<RegionKind> kinds() {
    return recognised().stream()
        .flatMap(report -> report.owner().kinds().stream())
        .collect(Collectors.toSet());
  }

  /** Whether the sums tell how the process' use of memory changes. */
  public boolean isTrusted() {
    return !owners.isEmpty()
        && owners.stream().allMatch(report -> report.recognition().coverage() >= COVERAGE_TRUSTED);
  }

  /** What is in use and memory stands behind. */
  public long inUseBytes() {
    return owners.stream().mapToLong(OwnerReport::inUseBytes).sum();
  }

  /** The same as of this moment, for looks that are seconds apart. */
  public long inUseNowBytes() {
    return owners.stream().mapToLong(OwnerReport::inUseNowBytes).sum();
  }

  /** What the next collections will take. */
  public long garbageBytes() {
    return owners.stream().mapToLong(OwnerReport::garbageBytes).sum();
  }

  /** What the application has not freed, touched or not. */
  public long handedOutBytes() {
    long sum = 0;
    for (OwnerReport owner : owners) {
      sum += owner.handedOutBytes();
    }
    return sum;
  }

  /** Freed bytes that the owners keep, glibc's tops included. */
  public long freeBytes() {
    long sum = 0;
    for (OwnerReport owner : owners) {
      sum += owner.freeBytes();
    }
    return sum;
  }

  /** Freed bytes that something in use keeps from being given back. */
  public long pinnedBytes() {
    long sum = 0;
    for (OwnerReport owner : owners) {
      sum += owner.pinnedBytes();
    }
    return sum;
  }

  /** What the owners' own release calls would give back now. */
  public long giveBackBytes() {
    long sum = 0;
    for (OwnerReport owner : owners) {
      sum += owner.giveBackBytes();
    }
    return sum;
  }

  /** Objects in use by size, of the owner that holds most. */
  public List<SizeClass> census() {
    return owners.stream()
        .max(Comparator.comparingLong(OwnerReport::inUseBytes))
        .map(OwnerReport::census)
        .orElse(List.of());
  }
}
