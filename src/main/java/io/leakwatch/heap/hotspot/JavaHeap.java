package io.leakwatch.heap.hotspot;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Where the heap of a JVM lies and how its collector has divided it. Of G1, of the parallel and of
 * the serial collector the spaces are known; of others only the bounds.
 */
final class JavaHeap {
  private static final int REGIONS_MAX = 1 << 17;
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
          case G1 -> regions();
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

  /** What a region's tag says: constants of the JVM's that differ from version to version. */
  private record RegionTags(VmStructs structs, String type) {
    private long tag(String name) {
      return structs.constant(type + "::" + name, -1);
    }

    private boolean has(int tag, String mask) {
      long bits = tag(mask);
      return bits > 0 && (tag & bits) != 0;
    }

    Space.Kind kind(int tag) {
      if (tag == tag("FreeTag")) {
        return Space.Kind.FREE;
      } else if (tag == tag("StartsHumongousTag")) {
        return Space.Kind.HUMONGOUS;
      } else if (tag == tag("ContinuesHumongousTag")) {
        return Space.Kind.HUMONGOUS_REST;
      }
      return has(tag, "OldMask") || has(tag, "ArchiveMask") ? Space.Kind.OLD : Space.Kind.YOUNG;
    }
  }

  private List<Space> regions() {
    String region = structs.type("G1HeapRegion", "HeapRegion"); // Before 23.
    String manager = structs.type("G1HeapRegionManager", "HeapRegionManager");
    RegionTags tags = new RegionTags(structs, structs.type("G1HeapRegionType", "HeapRegionType"));
    int regionsAt = structs.offset("G1CollectedHeap", "_hrm");
    int table = structs.offset(manager, "_regions");
    int base = structs.offset("G1HeapRegionTable", "_base");
    int length = structs.offset("G1HeapRegionTable", "_length");
    int type = structs.offset(region, "_type");
    int tag = structs.offset(tags.type(), "_tag");
    if (Math.min(Math.min(regionsAt, table), Math.min(base, Math.min(length, type))) < 0) {
      return List.of(); // 8 does not tell what a region is.
    }
    long array = heap + regionsAt + table;
    long first = words.word(array + base);
    long count = Math.min(words.word(array + length), REGIONS_MAX);
    List<Space> spaces = new ArrayList<>();
    for (long i = 0; i < count && first > 0; i++) {
      long at = words.word(first + 8 * i);
      if (at > 0) {
        spaces.add(space(tags.kind(words.int32(at + type + Math.max(0, tag))), region, at));
      }
    }
    return spaces;
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
