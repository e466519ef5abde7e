package io.leakwatch.heap.holders;

import io.leakwatch.elf.StaticTls;
import io.leakwatch.heap.ObjectNames;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.ProcessHeapMemory;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.ProcessThread;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.RegionMap;
import io.leakwatch.symbols.Symbolizer;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Finds out who holds some chunks of a running process: nobody, then they are lost; or whom, up to
 * a variable, a thread or another kind of memory.
 *
 * <p>A pass scans all memory that could hold a pointer for words that refer to the chunks in
 * question ({@link HolderPass}, {@link TargetRanges}), and one walk over the heaps tells in which
 * chunks those words lie ({@link ObjectPlaces}). Words in free chunks, in malloc's caches, in its
 * own lists and below a stack pointer hold nothing. The chunks found are searched for by the next
 * pass. Where chunks of a kind refer to each other, as the nodes of a list or tree do, no number of
 * passes leads out; then {@link KindSearch} treats all of them at once.
 *
 * <p>The process runs on. Torn reads cost a link here and there; what is freed meanwhile is
 * dropped, by the walk that each pass ends with. Of the registers those are read that carry the
 * arguments of a thread that waits in the kernel; the others would mean to stop the process. So a
 * chunk that only such a register holds counts as unreferenced, and one whose address is left in a
 * live frame of a stack, or in padding, counts as held; of a sample of hundreds that moves the
 * fractions by a percent.
 *
 * <p>Memory use does not depend on the size of the process. For one thread.
 */
public final class HolderSearch {
  private static final int EPOLL_WORDS_MAX = 1 << 16;

  private final HolderSettings settings;
  private final ReadMeter meter;
  private final ReadPace pace;
  private final HolderProgress progress;

  /**
   * A search.
   *
   * @param meter stands around each read that takes the target's mmap_lock
   * @param pace receives how many bytes were read, and may wait there
   */
  public HolderSearch(
      HolderSettings settings, ReadMeter meter, ReadPace pace, HolderProgress progress) {
    this.settings = settings;
    this.meter = meter;
    this.pace = pace;
    this.progress = progress;
  }

  /**
   * Searches.
   *
   * @param table the process' mappings, just read
   * @param regions what they are
   * @param walk over the memory of its owners as they are at that moment
   */
  public Outcome<HolderReport> search(
      ProcessReader process,
      MappingTable table,
      RegionMap regions,
      Symbolizer symbols,
      ObjectNames names,
      Function<ObjectVisitor, Outcome<OwnerReports>> walk,
      List<SoughtMemory> suspects) {
    Outcome<Boolean> access = process.memory().access();
    HeapMemory memory = new ProcessHeapMemory(process.memory(), meter);
    MappingTable latest = new MappingTable(table.rowsMax());
    return access
        .flatMap(
            granted ->
                search(
                    new Target(
                        memory,
                        table,
                        regions,
                        new Threads(
                            process.id().pid(),
                            StaticTls.bytes(table, process.files()),
                            () -> process.threads(settings.threadsMax()),
                            () -> process.epollData(EPOLL_WORDS_MAX)),
                        () -> process.maps(latest, meter),
                        walk),
                    symbols,
                    names,
                    suspects))
        .flatMap(report -> process.status().map(status -> report));
  }

  /**
   * What is searched: a process, or what a test makes look like one.
   *
   * @param mappings as they are at that moment
   * @param walk over the memory of its owners
   */
  record Target(
      HeapMemory memory,
      MappingTable table,
      RegionMap regions,
      Threads threads,
      Supplier<Outcome<MappingTable>> mappings,
      Function<ObjectVisitor, Outcome<OwnerReports>> walk) {}

  /**
   * Its threads.
   *
   * @param localBytes of symbols below each thread's control block
   * @param list as they are at that moment
   * @param epoll what they have registered with epoll
   */
  record Threads(
      int mainTid,
      long localBytes,
      Supplier<Outcome<List<ProcessThread>>> list,
      Supplier<List<Long>> epoll) {}

  /** The same over any memory. */
  Outcome<HolderReport> search(
      Target target, Symbolizer symbols, ObjectNames names, List<SoughtMemory> suspects) {
    HolderSearchRun hunt = new HolderSearchRun(target, settings, pace, progress, symbols, names);
    for (SoughtMemory suspect : suspects) {
      hunt.add(suspect);
    }
    return hunt.run();
  }
}
