package io.leakwatch.heap.hotspot;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Where the heap of a JVM lies and how its collector has divided it. Of G1, of the parallel and of
 * the serial collector the spaces are known; of others only the bounds.
 */
final class JavaHeap {
  private static final long HEAP_BYTES_MAX = 1L << 46;

  private final VmStructs structs;
  private final TargetWords words;
  private final Collector collector;
  private final long heap;

  /** The collectors of HotSpot. */
  enum Collector {
    G1("G1"),
    PARALLEL("Parallel"),
    SERIAL("Serial"),
    CMS("CMS"),
    Z("ZGC"),
    SHENANDOAH("Shenandoah"),
    EPSILON("Epsilon"),
    UNKNOWN("unknown");

    private final String label;

    Collector(String label) {
      this.label = label;
    }

    /** As people call it. */
    String label() {
      return label;
    }

    private static Collector of(JvmFlags flags) {
      if (flags.isOn("UseG1GC")) {
        return G1;
      } else if (flags.isOn("UseParallelGC") || flags.isOn("UseParallelOldGC")) {
        return PARALLEL;
      } else if (flags.isOn("UseConcMarkSweepGC")) {
        return CMS;
      } else if (flags.isOn("UseSerialGC")) {
        return SERIAL;
      } else if (flags.isOn("UseZGC")) {
        return Z;
      } else if (flags.isOn("UseShenandoahGC")) {
        return SHENANDOAH;
      }
      return flags.isOn("UseEpsilonGC") ? EPSILON : UNKNOWN;
    }
  }

  JavaHeap(VmStructs structs, JvmFlags flags, TargetWords words) {
    this.structs = structs;
    this.words = words;
    this.collector = Collector.of(flags);
    this.heap = words.word(structs.address("Universe._collectedHeap"));
  }

  Collector collector() {
    return collector;
  }

  /** First address of what was reserved for it, 0 where that is not known. */
  long start() {
    return reserved("_start");
  }

  long end() {
    long bytes = 8 * reserved("_word_size");
    return start() <= 0 || bytes <= 0 || bytes > HEAP_BYTES_MAX ? start() : start() + bytes;
  }

  private long reserved(String part) {
    int region = structs.offset("CollectedHeap", "_reserved");
    int offset = structs.offset("MemRegion", part);
    return heap <= 0 || region < 0 || offset < 0
        ? 0
        : Math.max(0, words.word(heap + region + offset));
  }

  /** Collections of any kind until now, -1 where that is not known. */
  long collections() {
    int offset = structs.offset("CollectedHeap", "_total_collections");
    long at = heap + offset;
    return heap <= 0 || offset < 0 ? -1 : (words.wordNow(at) >>> (8 * (at & 4))) & 0xffffffffL;
  }

  /** Its spaces in the order of addresses; none where they are not known. */
  List<Space> spaces() {
    List<Space> spaces =
        switch (collector) {
          case G1 -> new G1Regions(structs, words).of(heap);
          case PARALLEL -> parallel();
          case SERIAL -> serial();
          default -> List.<Space>of();
        };
    return apart(spaces);
  }

  /** Those that lie in the heap, in the order of addresses, and not in one another. */
  private List<Space> apart(List<Space> spaces) {
    List<Space> apart = new ArrayList<>();
    long until = start();
    long end = end();
    List<Space> sorted =
        spaces.stream()
            .filter(Space::isPossible)
            .sorted(Comparator.comparingLong(Space::bottom))
            .toList();
    for (Space space : sorted) {
      if (space.bottom() >= until && space.end() <= end) {
        apart.add(space);
        until = space.end();
      }
    }
    return apart;
  }

  private List<Space> parallel() {
    List<Space> spaces = new ArrayList<>();
    long old = words.word(structs.address("ParallelScavengeHeap._old_gen"));
    add(spaces, Space.Kind.OLD, "PSOldGen", old, "_object_space", "MutableSpace");
    long young = words.word(structs.address("ParallelScavengeHeap._young_gen"));
    for (String name : new String[] {"_eden_space", "_from_space", "_to_space"}) {
      add(spaces, Space.Kind.YOUNG, "PSYoungGen", young, name, "MutableSpace");
    }
    return spaces;
  }

  private List<Space> serial() {
    String type = structs.type("SerialHeap", "GenCollectedHeap");
    int generations = structs.offset(type, "_gens"); // Of 8: an array, the young one first.
    int old = generations < 0 ? structs.offset(type, "_old_gen") : generations + 8;
    int young = generations < 0 ? structs.offset(type, "_young_gen") : generations;
    List<Space> spaces = new ArrayList<>();
    if (heap > 0 && old >= 0 && young >= 0) {
      long tenured = words.word(heap + old);
      add(spaces, Space.Kind.OLD, "TenuredGeneration", tenured, "_the_space", "ContiguousSpace");
      for (String name : new String[] {"_eden_space", "_from_space", "_to_space"}) {
        long generation = words.word(heap + young);
        add(spaces, Space.Kind.YOUNG, "DefNewGeneration", generation, name, "ContiguousSpace");
      }
    }
    return spaces;
  }

  private void add(
      List<Space> spaces, Space.Kind kind, String owner, long at, String field, String type) {
    int offset = structs.offset(owner, field);
    long space = at > 0 && offset >= 0 ? words.word(at + offset) : 0;
    if (space > 0) {
      spaces.add(space(kind, type, space));
    }
  }

  private Space space(Space.Kind kind, String type, long at) {
    return new Space(
        kind, part(type, "_bottom", at), part(type, "_top", at), part(type, "_end", at));
  }

  private long part(String type, String name, long at) {
    int offset = structs.offset(type, name);
    return offset < 0 ? -1 : words.word(at + offset);
  }
}
