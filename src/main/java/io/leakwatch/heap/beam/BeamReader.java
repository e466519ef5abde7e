package io.leakwatch.heap.beam;

import io.leakwatch.heap.BlocksReport;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReader;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.ReleaseCall;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.Presence;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.heap.memory.Words;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads from outside what the allocators of Erlang's BEAM hold in a live process: each carrier
 * ({@link CarrierSearch}) counts its blocks in use by kinds, as {@code eheap}, where processes have
 * their heaps, {@code binary} and {@code ets}. Where blocks are shown, or the profile is wanted,
 * they are walked, which checks those counts. One object serves one thread.
 */
public final class BeamReader implements OwnerReader<BlocksReport> {
  private static final String VERSION = "25";
  private static final String NOT_FOUND = "BEAM's carriers were not found: layout not recognised";
  private static final String NOT_KNOWN = "layout not recognised";
  private static final String OF_PROCESSES =
      "what processes of Erlang no longer refer to counts as in use until they are collected";

  private static final int TRIES_MAX = 3;

  /** Below it the structures were not understood. */
  private static final double COVERAGE_MIN = 0.5;

  private final WalkSettings settings;

  public BeamReader(WalkSettings settings) {
    this.settings = settings;
  }

  @Override
  public Allocator owner() {
    return Allocator.BEAM;
  }

  @Override
  public Outcome<BlocksReport> read(OwnerTarget target, ObjectVisitor visitor) {
    ByteBudget budget = new ByteBudget(settings.bytesMax(), target.pace());
    CarrierSearch search = search(target, budget);
    List<Carrier> carriers = search.find();
    for (int i = 1; i < TRIES_MAX && !carriers.isEmpty() && search.coverage() < 1; i++) {
      search = search(target, budget); // A carrier changed while it was read.
      carriers = search.find();
    }
    Presence presence = new Presence(target.memory());
    BlocksReport report =
        search.coverage() < COVERAGE_MIN
            ? BlocksReport.none(Allocator.BEAM, carriers.isEmpty() ? NOT_FOUND : NOT_KNOWN)
            : report(target, carriers, search.coverage(), budget, presence, visitor);
    presence.nextPresent(0, 1);
    return switch (presence.failure()) {
      case HeapMemory.GONE -> Outcome.vanished();
      case HeapMemory.DENIED -> Outcome.denied("process_vm_readv", "CAP_SYS_PTRACE");
      default -> Outcome.sampled(report);
    };
  }

  private CarrierSearch search(OwnerTarget target, ByteBudget budget) {
    Words words = new Words(target.memory(), budget);
    return new CarrierSearch(words, target.table(), settings.mmapProbePagesMax());
  }

  private BlocksReport report(
      OwnerTarget target,
      List<Carrier> carriers,
      double coverage,
      ByteBudget budget,
      Presence presence,
      ObjectVisitor visitor) {
    boolean isProfile = target.depth() == OwnerTarget.Depth.PROFILE;
    boolean isWalked = isProfile || visitor != ObjectVisitor.NONE;
    CarrierTally tally = new CarrierTally(presence);
    BlockWalk walk = new BlockWalk(target.memory(), budget, visitor);
    for (Carrier carrier : carriers) {
      tally.add(carrier);
      if (isWalked && carrier.isMapped()) {
        walk.walk(carrier);
      }
    }
    List<String> notes = new ArrayList<>(List.of(OF_PROCESSES));
    if (tally.mallocBytes() > 0) {
      notes.add(
          "carriers of "
              + Quantity.size(tally.mallocBytes())
              + " came from malloc and count there as in use");
    }
    List<SizeClass> census = walk.census().largest(settings.censusSizesMax());
    return new BlocksReport(
        Allocator.BEAM,
        ReleaseCall.NONE,
        new Recognition(VERSION, coverage, walk.selfCheck(), coverage, notes),
        tally.balance(),
        new BlocksReport.Blocks(
            tally.objects(), census, isProfile ? List.of(tally.profile()) : List.of()),
        0);
  }
}
