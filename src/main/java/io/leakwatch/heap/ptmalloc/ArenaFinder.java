package io.leakwatch.heap.ptmalloc;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.WalkSettings;
import io.leakwatch.heap.ptmalloc.Arena.HeapInfo;
import io.leakwatch.proc.memory.AddressRanges;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the arenas of a process without symbols, and with them the generation of its malloc.
 *
 * <p>Three roads lead to the main arena. (1) {@link Anchor}s: libc's own file says where it lies,
 * because {@code main_arena.next} is initialised with the arena's own address; the distance of the
 * two also separates the generations. (2) The ring: every heap of a thread's arena starts with a
 * {@code heap_info} at an address that is a multiple of 64 MiB, which names its arena; the arenas
 * are linked in a ring by {@code next}, and the one that lies in no heap is the main one. (3) Its
 * shape: 127 bins whose heads refer to themselves or into a heap, a top in the brk heap, sizes that
 * agree.
 *
 * <p>No single field is believed. A layout is taken when, read by it, each arena of the ring has a
 * top in one of its own heaps, plausible sizes and sound bins, the ring closes, and {@code
 * system_mem} is the sum of the arena's heaps (which may move during the reading and is a vote, not
 * a condition). If no layout does, there is none.
 */
final class ArenaFinder {
  /** Greatest sizes of a heap: the usual one, then those of huge pages of 2 MiB, 1 GiB, 32 MiB. */
  private static final long[] HEAP_MAX = {64L << 20, 8L << 20, 4L << 30, 128L << 20};

  private static final long HEAP_BYTES_MIN = 8L << 20;

  /** A few bins may point into a heap that is younger than the list of mappings. */
  private static final int UNSOUND_BINS_MAX = 15;

  /**
   * A place where an ELF file says that a main arena lies.
   *
   * @param nextOffset offset of {@code next} in it, which tells the generation
   */
  record Anchor(long address, int nextOffset) {}

  /**
   * What was found.
   *
   * @param road how the main arena was found
   */
  record Found(GlibcLayout layout, List<Arena> arenas, String road) {}

  private final HeapMemory memory;
  private final WalkSettings settings;
  private final AddressSpace space;
  private final long[] words = new long[6];

  ArenaFinder(HeapMemory memory, AddressSpace space, WalkSettings settings) {
    this.memory = memory;
    this.space = space;
    this.settings = settings;
  }

  /** Null when no arena could be read under any layout. */
  @Nullable Found find(List<Anchor> anchors) {
    Map<Long, List<HeapInfo>> heaps = heapsByArena();
    Found best = null;
    int bestVotes = 0;
    for (GlibcLayout layout : GlibcLayout.values()) {
      for (Anchor anchor : anchors) {
        if (anchor.nextOffset() == layout.next()) {
          Found found = ring(layout, anchor.address(), heaps, "relocation");
          int votes = found == null ? 0 : votes(found) + 1;
          if (votes > bestVotes) {
            best = found;
            bestVotes = votes;
          }
        }
      }
      if (!heaps.isEmpty()) {
        Found found = ring(layout, heaps.keySet().iterator().next(), heaps, "ring");
        int votes = found == null ? 0 : votes(found);
        if (votes > bestVotes) {
          best = found;
          bestVotes = votes;
        }
      }
    }
    if (best == null || best.arenas().stream().noneMatch(Arena::main)) {
      Found shaped = new ArenaShape(memory, space, settings).find(heaps, this);
      if (shaped != null && (best == null || votes(shaped) > bestVotes)) {
        best = shaped;
      }
    }
    return best;
  }

  /** Every heap whose header makes sense, by arena address; an arena's first heap is present. */
  private Map<Long, List<HeapInfo>> heapsByArena() {
    Map<Long, List<HeapInfo>> byArena = new LinkedHashMap<>();
    int count = 0;
    AddressRanges anonymous = space.anonymous();
    for (int i = 0; i < anonymous.count(); i++) {
      long step = HEAP_MAX[0];
      for (long at = anonymous.start(i) + step - 1 & -step; at < anonymous.end(i); at += step) {
        HeapInfo heap = heapAt(at, step);
        if (heap != null && count++ < settings.heapsMax()) {
          byArena.computeIfAbsent(heap.arenaAddress(), a -> new ArrayList<>()).add(heap);
        }
      }
    }
    byArena
        .entrySet()
        .removeIf(
            e ->
                e.getValue().stream()
                    .noneMatch(h -> h.previous() == 0 && isFirst(h.address(), e.getKey())));
    return byArena;
  }

  private static boolean isFirst(long heapAddress, long arenaAddress) {
    return arenaAddress == heapAddress + 0x20 || arenaAddress == heapAddress + 0x30;
  }

  private @Nullable HeapInfo heapAt(long address, long sizeMax) {
    int pageBytes = memory.pageBytes();
    if (memory.peek(address, words, 4) != 4) {
      return null;
    }
    long arena = words[0];
    long previous = words[1];
    long size = words[2];
    long committed = words[3];
    boolean sound =
        arena > 0
            && (arena & 15) == 0
            && previous >= 0
            && previous % sizeMax == 0
            && previous != address
            && size >= pageBytes
            && size <= sizeMax
            && size % pageBytes == 0
            && committed >= size
            && committed <= sizeMax
            && (previous != 0 || isFirst(address, arena));
    return sound ? new HeapInfo(address, arena, previous, size, sizeMax) : null;
  }

  /** Reads the ring of arenas from one of them on; null when it makes no sense by this layout. */
  @Nullable Found ring(
      GlibcLayout layout, long first, Map<Long, List<HeapInfo>> heaps, String road) {
    List<MallocState> states = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    long at = first;
    do {
      if (!seen.add(at) || seen.size() > settings.arenasMax()) {
        return null;
      }
      MallocState state = MallocState.read(memory, layout, at);
      if (state == null || !state.isPlausible()) {
        return null;
      }
      states.add(state);
      at = state.next();
    } while (at != first);
    for (long sizeMax : HEAP_MAX) {
      Found found = arenas(states, heaps, sizeMax, road);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  /**
   * The arenas of a ring when heaps have a certain greatest size, which is one for all: a small
   * heap may lie at a multiple of a larger size by chance, all of them do not.
   */
  private @Nullable Found arenas(
      List<MallocState> states, Map<Long, List<HeapInfo>> heaps, long sizeMax, String road) {
    List<Arena> arenas = new ArrayList<>();
    Arena main = null;
    for (MallocState state : states) {
      Arena arena = arena(state, heaps, sizeMax);
      if (arena == null || (arena.main() && main != null)) {
        return null;
      }
      if (arena.main()) {
        main = arena;
      } else {
        arenas.add(arena);
      }
    }
    if (main == null || (main.state().systemMem() == 0 && arenas.isEmpty())) {
      return null;
    }
    arenas.add(0, main);
    return new Found(states.get(0).layout(), List.copyOf(arenas), road);
  }

  private @Nullable Arena arena(MallocState state, Map<Long, List<HeapInfo>> known, long sizeMax) {
    GlibcLayout layout = state.layout();
    long heapAddress = state.address() - layout.heapInfoBytes();
    if (heapAddress % HEAP_BYTES_MIN == 0 && !space.isData(state.address())) {
      List<HeapInfo> heaps = chain(state, sizeMax);
      return heaps.isEmpty() ? null : new Arena(state, false, heaps);
    }
    if (known.containsKey(state.address()) || !space.isData(state.address())) {
      return null;
    }
    boolean unused = state.systemMem() == 0;
    return unused || state.hasSoundBins(space.anonymous(), UNSOUND_BINS_MAX)
        ? new Arena(state, true, List.of())
        : null;
  }

  /** An arena's heaps, oldest first: the newest holds the top, and each names the one before. */
  private List<HeapInfo> chain(MallocState state, long sizeMax) {
    if (!state.hasSoundBins(space.anonymous(), UNSOUND_BINS_MAX)) {
      return List.of();
    }
    List<HeapInfo> heaps = new ArrayList<>();
    Set<Long> seen = new HashSet<>();
    long at = state.top() & -sizeMax;
    while (at != 0 && seen.add(at) && seen.size() <= settings.heapsMax()) {
      HeapInfo heap = heapAt(at, sizeMax);
      if (heap == null || heap.arenaAddress() != state.address()) {
        break;
      }
      heaps.add(heap);
      if (heap.previous() == 0 && isFirst(heap.address(), state.address())) {
        Collections.reverse(heaps);
        return List.copyOf(heaps);
      }
      at = heap.previous();
    }
    return List.of();
  }

  /** How many statements of the arenas agree with each other under the layout. */
  private static int votes(Found found) {
    int votes = 1;
    Map<Boolean, Integer> sums = new HashMap<>();
    for (Arena arena : found.arenas()) {
      if (!arena.main()) {
        long sum = arena.heaps().stream().mapToLong(HeapInfo::sizeBytes).sum();
        sums.merge(sum == arena.state().systemMem(), 1, Integer::sum);
        votes += 2;
      }
    }
    return votes + 2 * sums.getOrDefault(true, 0);
  }
}
