package io.leakwatch.region;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;

/**
 * The heap of a HotSpot JVM. With compressed references (the default below 32 GB) HotSpot places it
 * below 32 GB, where nothing else of a position-independent program lies but the archive of shared
 * classes; otherwise it is the largest run of adjoining private mappings. Class space and code
 * cache lie elsewhere (since JDK 13; before, class space occupies what is above 0x7c0000000 and is
 * counted here; since 25 it lies low as well, behind the archive). ZGC's heap is a memfd with a
 * telling name.
 */
final class JavaHeaps {
  private static final long COMPRESSED_END = 0x800000000L;
  private static final long RUN_MIN_BYTES = 64L << 20;

  /** What a heap without compressed references has as a rule. */
  static final long UNCOMPRESSED_BYTES = COMPRESSED_END;

  private JavaHeaps() {}

  /** Finds the heap where compressed references put it, or by its name. */
  static boolean findCompressed(LayoutDraft canvas) {
    MappingTable table = canvas.table();
    boolean found = false;
    boolean isClassSpace = false;
    for (int i = 0; i < table.size() && below(table.end(i)); i++) {
      isClassSpace =
          beginsClassSpace(canvas, i)
              || (isClassSpace && canvas.adjoins(i - 1, i) && canvas.isOpenAnonymous(i));
      if (canvas.isOpenAnonymous(i)
          && !isClassSpace
          && !table.isExecutable(i)
          && !isBelowArchive(canvas, i)
          && !adjoinsProgram(canvas, i)) {
        canvas.decide(table.start(i), table.end(i), RegionKind.JAVA_HEAP);
        found = true;
      }
    }
    for (int i = 0; i < table.size(); i++) {
      found |= canvas.kind(i) == RegionKind.JAVA_HEAP;
    }
    return found;
  }

  /**
   * Whether it is what was reserved behind the archive of shared classes. That of the heap's own
   * objects is mapped into the heap, which goes on right behind it.
   */
  private static boolean beginsClassSpace(LayoutDraft canvas, int i) {
    MappingTable table = canvas.table();
    return i > 0
        && canvas.adjoins(i - 1, i)
        && table.name(i - 1).endsWith(".jsa")
        && canvas.isOpenReserved(i);
  }

  /** The page without access that an archive begins with. */
  private static boolean isBelowArchive(LayoutDraft canvas, int i) {
    MappingTable table = canvas.table();
    return canvas.isOpenReserved(i)
        && (i == 0 || !canvas.adjoins(i - 1, i))
        && i + 1 < table.size()
        && canvas.adjoins(i, i + 1)
        && table.name(i + 1).endsWith(".jsa");
  }

  private static boolean below(long end) {
    return end > 0 && end <= COMPRESSED_END;
  }

  /** The .bss of a program that is not position-independent. */
  private static boolean adjoinsProgram(LayoutDraft canvas, int i) {
    MappingTable table = canvas.table();
    return i > 0
        && canvas.adjoins(i - 1, i)
        && canvas.kind(i - 1) == RegionKind.FILE_PRIVATE
        && !table.name(i - 1).endsWith(".jsa");
  }

  static void findLargestRun(LayoutDraft canvas) {
    findLargestRun(canvas, RUN_MIN_BYTES);
  }

  /**
   * Finds the heap as the largest run that has at least so many bytes.
   *
   * @return whether there is one
   */
  static boolean findLargestRun(LayoutDraft canvas, long bytesMin) {
    MappingTable table = canvas.table();
    long bestStart = 0;
    long bestEnd = 0;
    int i = 0;
    while (i < table.size()) {
      if (!isPart(canvas, i)) {
        i++;
        continue;
      }
      long start = table.start(i);
      boolean isClassSpace = beginsClassSpace(canvas, i);
      boolean writable = canvas.isWritable(i);
      while (i + 1 < table.size() && canvas.adjoins(i, i + 1) && isPart(canvas, i + 1)) {
        i++;
        writable |= canvas.isWritable(i);
      }
      long end = table.end(i++);
      if (writable
          && !isClassSpace
          && end - start >= bytesMin
          && end - start > bestEnd - bestStart) {
        bestStart = start;
        bestEnd = end;
      }
    }
    if (bestEnd != 0) {
      canvas.decide(bestStart, bestEnd, RegionKind.JAVA_HEAP);
    }
    return bestEnd != 0;
  }

  private static boolean isPart(LayoutDraft canvas, int i) {
    return canvas.isOpenAnonymous(i)
        && !canvas.table().isExecutable(i)
        && canvas.cutsOf(i).isEmpty();
  }
}
