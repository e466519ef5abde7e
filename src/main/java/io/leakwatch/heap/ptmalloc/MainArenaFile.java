package io.leakwatch.heap.ptmalloc;

import io.leakwatch.elf.ElfImage;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.proc.TargetFiles;
import io.leakwatch.proc.memory.MappingTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a stripped libc, or a program that contains it, keeps its main arena, by the file alone.
 *
 * <p>{@code main_arena} is initialised with {@code next = &main_arena}: a word that holds the
 * address of a place a fixed distance before itself. In a library that is a relative relocation, in
 * a program linked at fixed addresses the word itself. All else in the struct is zero in the file
 * but for {@code attached_threads}, which is one since 2.23. In seven of seven libcs exactly one
 * place passes, and the distance names the generation.
 */
final class MainArenaFile {
  private static final int PT_LOAD = 1;
  private static final int PF_W = 2;
  private static final int SCAN_BYTES_MAX = 32 << 20;
  private static final int PIECE_BYTES = 1 << 16;

  /**
   * A place in the file.
   *
   * @param address by the file's own counting
   */
  record Place(long address, int nextOffset) {}

  private MainArenaFile() {}

  /** The run-time addresses that a process' files tell. */
  static List<ArenaFinder.Anchor> anchors(
      AddressSpace space, MappingTable table, TargetFiles files) {
    List<ArenaFinder.Anchor> anchors = new ArrayList<>();
    boolean hasLibc = space.data().stream().anyMatch(AddressSpace.DataSegment::libc);
    int tried = 0;
    for (AddressSpace.DataSegment data : space.data()) {
      if (data.libc() != hasLibc || tried++ > 1) {
        continue;
      }
      try {
        Optional<ElfImage> opened = ElfImage.open(files.ofMapping(table, data.mapping()));
        if (opened.isPresent()) {
          try (ElfImage image = opened.get()) {
            long base = image.loadBase(data.start(), table.offset(data.mapping()));
            for (Place place : places(image)) {
              anchors.add(new ArenaFinder.Anchor(base + place.address(), place.nextOffset()));
            }
          }
        }
      } catch (IOException e) {
        // A file that was replaced or may not be read tells nothing: the ring and the shape remain.
        assert e != null;
      }
    }
    return anchors;
  }

  /** Every place that looks like an untouched main arena. */
  static List<Place> places(ElfImage image) throws IOException {
    List<Place> candidates = new ArrayList<>();
    image.relativeRelocations((where, target) -> consider(where, target, candidates));
    if (candidates.isEmpty() && !image.isPositionIndependent()) {
      scanData(image, candidates);
    }
    List<Place> places = new ArrayList<>();
    for (Place candidate : candidates) {
      if (isUntouched(image, candidate)) {
        places.add(candidate);
      }
    }
    return places;
  }

  private static void consider(long where, long target, List<Place> candidates) {
    long distance = where - target;
    for (GlibcLayout layout : GlibcLayout.values()) {
      Place place = new Place(target, layout.next());
      if (distance == layout.next() && !candidates.contains(place)) {
        candidates.add(place);
      }
    }
  }

  private static void scanData(ElfImage image, List<Place> candidates) throws IOException {
    for (ElfImage.Segment segment : image.segments()) {
      if (segment.type() != PT_LOAD || (segment.flags() & PF_W) == 0) {
        continue;
      }
      long bytes = Math.min(segment.fileBytes(), SCAN_BYTES_MAX);
      long first = segment.address() + 7 & -8L;
      for (long at = first; at < segment.address() + bytes; at += PIECE_BYTES) {
        ByteBuffer piece = image.bytesAt(at, PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i + 8 <= piece.limit(); i += 8) {
          consider(at + i, piece.getLong(i), candidates);
        }
      }
    }
  }

  private static boolean isUntouched(ElfImage image, Place place) throws IOException {
    for (GlibcLayout layout : GlibcLayout.values()) {
      if (layout.next() == place.nextOffset() && isUntouched(image, place.address(), layout)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isUntouched(ElfImage image, long address, GlibcLayout layout)
      throws IOException {
    ByteBuffer state = image.bytesAt(address, layout.stateBytes()).order(ByteOrder.LITTLE_ENDIAN);
    if (state.limit() < layout.stateBytes()) {
      return false;
    }
    for (int at = 0; at < layout.stateBytes(); at += 8) {
      long expected = at == layout.attachedThreads() ? 1 : 0;
      if (at != layout.next() && state.getLong(at) != expected) {
        return false;
      }
    }
    return true;
  }
}
