package io.leakwatch.heap.memory;

import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.TargetFiles;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import java.util.List;
import java.util.function.Supplier;

/**
 * A process as the readers of its memory's owners see it.
 *
 * @param table its mappings, just read
 * @param allocators those at work by their wire names, the one that serves {@code malloc} first
 * @param again the mappings as they are when asked for, in another table
 * @param files that it has mapped
 * @param pace receives how many bytes were read, and may wait there
 * @param depth how much of it is wanted
 */
public record OwnerTarget(
    HeapMemory memory,
    MappingTable table,
    List<String> allocators,
    Supplier<Outcome<MappingTable>> again,
    TargetFiles files,
    ReadPace pace,
    Depth depth) {

  /** How much is read. */
  public enum Depth {
    /** Sums, as often as they are wanted. */
    SUMS,
    /** What objects are, too, where the owner knows it; may cost a pass through all of them. */
    PROFILE
  }

  /**
   * A live process, of which sums are wanted.
   *
   * @param meter stands around each read that takes the target's mmap_lock
   */
  public static Outcome<OwnerTarget> of(
      ProcessReader process,
      MappingTable table,
      List<String> allocators,
      ReadMeter meter,
      ReadPace pace) {
    MappingTable latest = new MappingTable(table.rowsMax());
    return process
        .memory()
        .access()
        .map(
            granted ->
                new OwnerTarget(
                    new ProcessHeapMemory(process.memory(), meter),
                    table,
                    allocators,
                    () -> process.maps(latest, meter),
                    process.files(),
                    pace,
                    Depth.SUMS));
  }

  /** The same with the mappings as they are now. */
  public Outcome<OwnerTarget> renewed() {
    return again
        .get()
        .map(now -> new OwnerTarget(memory, now, allocators, again, files, pace, depth));
  }

  /** The same, of which so much is wanted. */
  public OwnerTarget to(Depth wanted) {
    return new OwnerTarget(memory, table, allocators, again, files, pace, wanted);
  }

  public AddressSpace space() {
    return AddressSpace.of(table);
  }
}
