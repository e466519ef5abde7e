package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.proc.memory.AddressRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds out which release of jemalloc before 5 has its chunks in a process, and how large they are:
 * the shape in which most of the first aligned addresses prove themselves.
 */
final class ChunkSearch {
  private static final int VOTERS = 256;
  private static final int LOOKED_AT_MAX = 1 << 16;

  private final HeapMemory memory;
  private final AddressSpace space;
  private final ByteBudget budget;

  ChunkSearch(HeapMemory memory, AddressSpace space, ByteBudget budget) {
    this.memory = memory;
    this.space = space;
    this.budget = budget;
  }

  /** A shape, and the table that goes with it where there is one. */
  record Found(ChunkShape shape, RunInfos.@Nullable Table table) {
    List<RunInfos.RunInfo> infos() {
      return table == null ? List.of() : table.infos();
    }

    /** The file that jemalloc is in, as far as its name or what was found there tells. */
    AddressSpace.@Nullable DataSegment file(AddressSpace space) {
      if (table != null) {
        return table.data();
      }
      List<AddressSpace.DataSegment> all = space.data();
      return all.stream()
          .filter(data -> data.path().contains("jemalloc"))
          .findFirst()
          .orElse(all.isEmpty() ? null : all.get(0));
    }
  }

  /** Null where no address proves itself. */
  @Nullable Found find(long scanBytesMax) {
    Found best = null;
    long most = 0;
    for (Found one : candidates(RunInfos.find(memory, space, scanBytesMax))) {
      long votes = votes(one);
      if (votes > most) {
        most = votes;
        best = one;
      }
    }
    return best;
  }

  private static List<Found> candidates(List<RunInfos.Table> tables) {
    List<Found> all = new ArrayList<>();
    for (ChunkShape shape : ChunkShape.ALL) {
      if (shape.isOld()) {
        tables.forEach(table -> all.add(new Found(shape, table)));
      } else {
        all.add(new Found(shape, null));
      }
    }
    return all;
  }

  private long votes(Found one) {
    Chunk chunk = new Chunk(memory, space.anonymous(), budget, one.shape(), one.infos());
    long[] votes = new long[3];
    eachSlot(
        space.anonymous(),
        budget,
        one.shape(),
        address -> {
          if (votes[0] < VOTERS && votes[2]++ < LOOKED_AT_MAX && chunk.isHead(address)) {
            votes[0]++;
            votes[1] += chunk.load(address) ? 1 : 0;
          }
        });
    return votes[1] * 2 > votes[0] ? votes[1] : 0;
  }

  /** Hands over every address where a chunk may be. */
  static void eachSlot(
      AddressRanges anonymous, ByteBudget budget, ChunkShape shape, LongConsumer slot) {
    long bytes = shape.chunkBytes();
    for (int i = 0; i < anonymous.count(); i++) {
      long end = anonymous.end(i);
      for (long at = anonymous.start(i) + bytes - 1 & -bytes;
          at + bytes <= end && !budget.isExhausted();
          at += bytes) {
        slot.accept(at);
      }
    }
  }
}
