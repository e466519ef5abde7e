package io.leakwatch.heap.tcmalloc;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.InUse;
import io.leakwatch.heap.OwnerReport;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.ReleaseCall;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SlabFill;
import io.leakwatch.region.kind.Allocator;
import java.util.List;
import java.util.function.LongFunction;

/**
 * What tcmalloc says of itself in the target's memory. Sizes are bytes.
 *
 * @param sums as {@code MallocExtension} has them
 * @param foreignBytes resident in large private mappings where tcmalloc has nothing
 * @param growths who made the heap grow, most bytes first, bounded; empty where the library keeps
 *     no record of it
 */
public record TcmallocReport(
    Recognition recognition,
    Sums sums,
    Balance balance,
    InUse inUse,
    long foreignBytes,
    List<HeapGrowth> growths)
    implements OwnerReport {

  /**
   * The library's own figures.
   *
   * @param inUseBytes {@code generic.current_allocated_bytes}
   * @param threadBytes {@code tcmalloc.thread_cache_free_bytes}
   * @param transferBytes {@code tcmalloc.transfer_cache_free_bytes}
   * @param centralBytes free objects in spans of which others are in use; {@code
   *     tcmalloc.central_cache_free_bytes} without what is left over at the spans' ends
   * @param freeBytes {@code tcmalloc.pageheap_free_bytes}
   * @param returnedBytes {@code tcmalloc.pageheap_unmapped_bytes}
   * @param systemBytes of all spans
   */
  public record Sums(
      long inUseBytes,
      long threadBytes,
      long transferBytes,
      long centralBytes,
      long freeBytes,
      long returnedBytes,
      long systemBytes) {
    static final Sums NONE = new Sums(0, 0, 0, 0, 0, 0, 0);
  }

  /**
   * A call stack that made the heap grow, of all growths since the program began.
   *
   * @param bytes that it grew by
   * @param count how often
   * @param stack addresses of the calls, the innermost first
   * @param calls their functions, none before they were named
   */
  public record HeapGrowth(long bytes, long count, List<Long> stack, List<String> calls) {
    /** One whose calls nobody has named yet. */
    public HeapGrowth(long bytes, long count, List<Long> stack) {
      this(bytes, count, stack, List.of());
    }
  }

  /** The same with what was called, as somebody else names addresses. */
  public TcmallocReport withCalls(LongFunction<String> name) {
    List<HeapGrowth> named =
        growths.stream()
            .map(
                growth ->
                    new HeapGrowth(
                        growth.bytes(),
                        growth.count(),
                        growth.stack(),
                        growth.stack().stream().map(name::apply).toList()))
            .toList();
    return new TcmallocReport(recognition, sums, balance, inUse, foreignBytes, named);
  }

  static TcmallocReport none(String note) {
    return new TcmallocReport(
        Recognition.none(note), Sums.NONE, Balance.ZERO, InUse.NONE, 0, List.of());
  }

  @Override
  public long objects() {
    return inUse.objects();
  }

  @Override
  public List<SizeClass> census() {
    return inUse.census();
  }

  @Override
  public List<SlabFill> slabFill() {
    return inUse.slabFill();
  }

  @Override
  public Allocator owner() {
    return Allocator.TCMALLOC;
  }

  @Override
  public TcmallocReport brief(int partsMax) {
    return new TcmallocReport(recognition, sums, balance, inUse.brief(), foreignBytes, List.of());
  }

  @Override
  public ReleaseCall release() {
    return new ReleaseCall("MallocExtension::ReleaseFreeMemory()", "TCMALLOC_RELEASE_RATE=10");
  }
}
