package io.leakwatch.heap.hotspot;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The regions of G1's heap. Each has a tag that says what lies in it. JDK 8 does not tell where in
 * a region the tag is; there it is the one number that is a tag in all regions, and says that a
 * region is free of none in which something lies.
 */
final class G1Regions {
  private static final int REGIONS_MAX = 1 << 17;
  private static final long REGION_BYTES_MAX = 1024;
  private static final int VOTERS_MAX = 4096;

  private static final int FREE = 0;
  private static final int OLD = 8;

  /** The tags of 8, and of 21 and later; what a JVM says itself goes before. */
  private static final Map<String, Integer> TAGS =
      Map.of(
          "FreeTag", FREE,
          "EdenTag", 2,
          "SurvTag", 3,
          "StartsHumongousTag", 4,
          "ContinuesHumongousTag", 5,
          "OldMask", OLD);

  private final VmStructs structs;
  private final TargetWords words;
  private final String region;
  private final String tagType;

  G1Regions(VmStructs structs, TargetWords words) {
    this.structs = structs;
    this.words = words;
    this.region = structs.type("G1HeapRegion", "HeapRegion"); // Before 23.
    this.tagType = structs.type("G1HeapRegionType", "HeapRegionType");
  }

  /** Those of the heap at an address, in their order; none where they are not known. */
  List<Space> of(long heap) {
    List<Long> regions = addresses(heap);
    int type = structs.offset(region, "_type");
    int tag = type < 0 ? voted(regions) : type + Math.max(0, structs.offset(tagType, "_tag"));
    return tag < 0
        ? List.of()
        : regions.stream().map(at -> space(kind(words.int32(at + tag)), at)).toList();
  }

  /** Where the JVM describes each region of the heap at an address. */
  List<Long> addresses(long heap) {
    String manager = structs.type("G1HeapRegionManager", "HeapRegionManager");
    int regionsAt = structs.offset("G1CollectedHeap", "_hrm");
    int table = structs.offset(manager, "_regions");
    int base = structs.offset("G1HeapRegionTable", "_base");
    int length = structs.offset("G1HeapRegionTable", "_length");
    if (heap <= 0 || Math.min(Math.min(regionsAt, table), Math.min(base, length)) < 0) {
      return List.of();
    }
    long array = heap + regionsAt + table;
    long first = words.word(array + base);
    long count = Math.min(words.word(array + length), REGIONS_MAX);
    List<Long> regions = new ArrayList<>();
    for (long i = 0; i < count && first > 0; i++) {
      long at = words.word(first + 8 * i);
      if (at > 0) {
        regions.add(at);
      }
    }
    return regions;
  }

  private Space space(Space.Kind kind, long at) {
    return new Space(kind, part("_bottom", at), part("_top", at), part("_end", at));
  }

  private long part(String name, long at) {
    int offset = structs.offset(region, name);
    return offset < 0 ? -1 : words.word(at + offset);
  }

  private long tag(String name) {
    return structs.constant(tagType + "::" + name, TAGS.getOrDefault(name, 0));
  }

  private Space.Kind kind(int tag) {
    if (tag == tag("FreeTag")) {
      return Space.Kind.FREE;
    } else if (tag == tag("StartsHumongousTag")) {
      return Space.Kind.HUMONGOUS;
    } else if (tag == tag("ContinuesHumongousTag")) {
      return Space.Kind.HUMONGOUS_REST;
    }
    return (tag & (tag("OldMask") | tag("ArchiveMask"))) != 0 ? Space.Kind.OLD : Space.Kind.YOUNG;
  }

  /** Where all regions have a tag; -1 where that is nowhere, or in several places. */
  int voted(List<Long> regions) {
    int found = -1;
    long bytes = Math.min(structs.bytes(region), REGION_BYTES_MAX);
    for (int offset = 0; offset < bytes; offset += 4) {
      if (isTag(regions, offset)) {
        if (found >= 0) {
          return -1;
        }
        found = offset;
      }
    }
    return found;
  }

  private boolean isTag(List<Long> regions, int offset) {
    Set<Integer> seen = new HashSet<>();
    for (long at : regions.subList(0, Math.min(regions.size(), VOTERS_MAX))) {
      int tag = words.int32(at + offset);
      boolean isEmpty = part("_top", at) == part("_bottom", at);
      if (!TAGS.containsValue(tag) || (tag == FREE && !isEmpty)) {
        return false;
      }
      seen.add(tag);
    }
    return seen.contains(OLD);
  }
}
