package io.leakwatch.symbols;

import io.leakwatch.elf.ElfFile;
import io.leakwatch.elf.ElfImage;
import io.leakwatch.elf.ElfImage.Section;
import io.leakwatch.elf.ElfImage.Segment;
import io.leakwatch.elf.ElfImage.Symbol;
import io.leakwatch.elf.ElfSymbols;
import io.leakwatch.proc.TargetFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One loaded file of a process: its image, where it was loaded, and its symbols once somebody asks
 * for them.
 */
final class Module implements AutoCloseable {
  private static final int PT_LOAD = 1;
  private static final long SHF_EXECINSTR = 4;
  private static final long SHF_ALLOC = 2;
  private static final long CONSTANT_BYTES_MAX = 32 << 20;

  private final String name;
  private final String path;
  private final ElfImage image;
  private final long bias;
  private final List<Section> sections;
  private final List<Segment> segments;
  private @Nullable SymbolIndex symbols;
  private @Nullable ElfImage debugImage;

  /**
   * A module.
   *
   * @param path as the mappings call it, without the kernel's mark of a deleted file
   * @param start of its first mapping
   * @param offset in the file of that mapping
   */
  Module(String path, ElfImage image, long start, long offset, long pageBytes) {
    this.path = path;
    this.name = path.substring(path.lastIndexOf('/') + 1);
    this.image = image;
    this.sections = image.sections().stream().filter(s -> (s.flags() & SHF_ALLOC) != 0).toList();
    this.segments = image.segments().stream().filter(s -> s.type() == PT_LOAD).toList();
    this.bias = bias(start, offset, pageBytes);
  }

  private long bias(long start, long offset, long pageBytes) {
    for (Segment segment : segments) {
      long from = segment.offset() & -pageBytes;
      if (offset >= from && offset < segment.offset() + Math.max(1, segment.fileBytes())) {
        return start - (segment.address() - segment.offset() + offset);
      }
    }
    return start - offset;
  }

  String name() {
    return name;
  }

  String path() {
    return path;
  }

  ElfImage image() {
    return image;
  }

  /** First address behind the module, its uninitialised variables included. */
  long end() {
    long end = 0;
    for (Segment segment : segments) {
      end = Math.max(end, segment.address() + segment.memoryBytes());
    }
    return bias + end;
  }

  long bias() {
    return bias;
  }

  /** Where relocations have been made and the page is read-only by now, writable data remains. */
  Place.Section sectionOf(long address, boolean writable, boolean executable) {
    long own = address - bias;
    for (Section section : sections) {
      ElfImage.Extent extent = section.extent();
      if (own >= extent.address() && own - extent.address() < extent.bytes()) {
        if ((section.flags() & SHF_EXECINSTR) != 0) {
          return Place.Section.TEXT;
        }
        boolean isConstant = !writable || section.name().startsWith(".data.rel.ro");
        return isConstant ? Place.Section.CONSTANTS : Place.Section.VARIABLES;
      }
    }
    if (writable) {
      return Place.Section.VARIABLES;
    }
    return executable ? Place.Section.TEXT : Place.Section.CONSTANTS;
  }

  /**
   * The symbol that covers an address.
   *
   * @param symbolsMax that may be kept
   */
  Optional<Symbol> symbolAt(long address, TargetFiles files, long symbolsMax) {
    try {
      SymbolIndex index = symbols;
      if (index == null) {
        index = index(files, symbolsMax);
        symbols = index;
      }
      return index.at(address - bias);
    } catch (IOException e) {
      symbols = SymbolIndex.NONE; // A file that cannot be read any more has no names to give.
      return Optional.empty();
    }
  }

  /** Symbols that are kept by now. */
  int symbolsKept() {
    SymbolIndex index = symbols;
    return index == null ? 0 : index.size();
  }

  private SymbolIndex index(TargetFiles files, long symbolsMax) throws IOException {
    boolean stripped = ElfSymbols.table(image.sections(), ElfSymbols.SHT_SYMTAB).isEmpty();
    if (stripped) {
      Optional<ElfImage> debug = new DebugFiles(files).find(image, path);
      if (debug.isPresent()) {
        debugImage = debug.get();
        SymbolIndex index = SymbolIndex.of(debug.get(), symbolsMax);
        if (index.size() > 0) {
          return index;
        }
      }
    }
    return SymbolIndex.of(image, symbolsMax);
  }

  /** Whether a section of constants holds these bytes; a bounded part of them is searched. */
  boolean holdsConstant(String text) throws IOException {
    byte[] wanted = text.getBytes(StandardCharsets.ISO_8859_1);
    long left = CONSTANT_BYTES_MAX;
    for (Section section : sections) {
      ElfImage.Extent extent = section.extent();
      if (!section.name().startsWith(".rodata") || extent.bytes() <= 0) {
        continue;
      }
      long bytes = Math.min(extent.bytes(), left);
      left -= bytes;
      int step = ElfFile.PIECE_BYTES - wanted.length;
      for (long done = 0; step > 0 && done < bytes; done += step) {
        ByteBuffer piece =
            image.file().read(extent.offset() + done, Math.min(ElfFile.PIECE_BYTES, bytes - done));
        if (holds(piece, wanted)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean holds(ByteBuffer piece, byte[] wanted) {
    for (int i = 0; i + wanted.length <= piece.limit(); i++) {
      int n = 0;
      while (n < wanted.length && piece.get(i + n) == wanted[n]) {
        n++;
      }
      if (n == wanted.length) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() {
    try {
      image.close();
      if (debugImage != null) {
        debugImage.close();
      }
    } catch (IOException e) {
      assert e != null; // Files that were only read lose nothing.
    }
  }
}
