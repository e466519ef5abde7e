package io.leakwatch.elf;

import io.leakwatch.os.PageSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A 64-bit ELF file of a foreign program: build id, segments, sections, symbols, relocations.
 *
 * <p>Nothing in the file is believed: every offset and count is checked against the file's length
 * and a bound, reading goes through small windows, and what is out of order is left out. So a
 * hostile file yields an incomplete image at worst. Addresses are the file's own (subtract the load
 * base from run-time addresses). Source: System V ABI, elf(5).
 */
public final class ElfImage implements AutoCloseable {
  /** A PT_* segment. */
  public record Segment(
      int type, int flags, long offset, long address, long fileBytes, long memoryBytes) {}

  /**
   * An SHT_* section.
   *
   * @param link number of the section that belongs to it, as the names do to symbols
   * @param entryBytes size of one entry of a table
   */
  public record Section(
      String name, int type, long flags, Extent extent, int link, long entryBytes) {}

  /**
   * Where a section lies.
   *
   * @param address in memory, 0 where it is not loaded
   * @param offset in the file
   */
  public record Extent(long address, long offset, long bytes) {}

  /** A defined symbol. */
  public record Symbol(String name, long address, long bytes) {}

  /** Receives relocations that add the load base to a fixed value. */
  public interface RelativeConsumer {
    /**
     * One relocation.
     *
     * @param where address of the word that is relocated
     * @param target the value it gets, before the load base is added
     */
    void accept(long where, long target);
  }

  private static final int X86_64 = 62;
  private static final int AARCH64 = 183;
  private static final int PT_LOAD = 1;
  private static final int PF_W = 2;
  private static final int PT_DYNAMIC = 2;
  private static final int PT_INTERP = 3;
  private static final int HEADERS_MAX = 4096;
  private static final int NEEDED_MAX = 1024;

  private final ElfFile file;
  private final int machine;
  private final int type;
  private final List<Segment> segments = new ArrayList<>();
  private final List<Section> sections = new ArrayList<>();
  private final long[] dynamicTags = new long[40];
  private final List<Long> neededOffsets = new ArrayList<>();

  private ElfImage(ElfFile file, ByteBuffer header) throws IOException {
    this.file = file;
    this.type = header.getShort(16) & 0xffff;
    this.machine = header.getShort(18) & 0xffff;
    readSegments(header.getLong(32), header.getShort(54) & 0xffff, header.getShort(56) & 0xffff);
    readSections(
        header.getLong(40),
        header.getShort(58) & 0xffff,
        header.getShort(60) & 0xffff,
        header.getShort(62) & 0xffff);
    readDynamic();
  }

  /**
   * Reads an open file, which then belongs to the image.
   *
   * @return empty when it is no 64-bit ELF file
   * @throws IOException when it cannot be read
   */
  public static Optional<ElfImage> open(FileChannel file) throws IOException {
    boolean kept = false;
    try {
      ByteBuffer header = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
      if (file.read(header, 0) != 64 || header.getInt(0) != 0x464c457f || header.get(4) != 2) {
        return Optional.empty();
      }
      if (header.get(5) == 2) {
        header.order(ByteOrder.BIG_ENDIAN);
      }
      ElfImage image = new ElfImage(new ElfFile(file, header.order(), file.size()), header);
      kept = true;
      return Optional.of(image);
    } finally {
      if (!kept) {
        file.close();
      }
    }
  }

  private void readSegments(long at, int entryBytes, int count) throws IOException {
    ByteBuffer table =
        entryBytes == 56 ? file.read(at, Math.min(count, HEADERS_MAX) * 56L) : file.empty();
    while (table.remaining() >= 56) {
      int kind = table.getInt();
      int flags = table.getInt();
      long offset = table.getLong();
      long address = table.getLong();
      table.getLong();
      long inFile = table.getLong();
      long inMemory = table.getLong();
      table.getLong();
      if (offset >= 0 && inFile >= 0 && inMemory >= 0 && offset <= file.bytes()) {
        long bounded = Math.min(inFile, file.bytes() - offset);
        segments.add(new Segment(kind, flags, offset, address, bounded, inMemory));
      }
    }
  }

  private void readSections(long at, int entryBytes, int count, int names) throws IOException {
    ByteBuffer table =
        entryBytes == 64 ? file.read(at, Math.min(count, HEADERS_MAX) * 64L) : file.empty();
    long strings = names < count ? names * 64L : -1;
    long stringsAt =
        strings >= 0 && strings + 64 <= table.limit() ? table.getLong((int) strings + 24) : -1;
    while (table.remaining() >= 64) {
      int name = table.getInt();
      int kind = table.getInt();
      long flags = table.getLong();
      Extent extent = new Extent(table.getLong(), table.getLong(), table.getLong());
      int link = table.getInt();
      table.getInt();
      table.getLong();
      long entry = table.getLong();
      String text = stringsAt < 0 || name < 0 ? "" : file.string(stringsAt + name);
      sections.add(new Section(text, kind, flags, extent, link, entry));
    }
  }

  private void readDynamic() throws IOException {
    Optional<Segment> dynamic = segments.stream().filter(s -> s.type() == PT_DYNAMIC).findFirst();
    if (dynamic.isEmpty()) {
      return;
    }
    long bytes = Math.min(dynamic.get().fileBytes(), HEADERS_MAX * 16L);
    ByteBuffer table = file.read(dynamic.get().offset(), bytes);
    while (table.remaining() >= 16) {
      long tag = table.getLong();
      long value = table.getLong();
      if (tag == 1 && neededOffsets.size() < NEEDED_MAX) {
        neededOffsets.add(value);
      } else if (tag > 0 && tag < dynamicTags.length) {
        dynamicTags[(int) tag] = value;
      }
    }
  }

  public List<Segment> segments() {
    return List.copyOf(segments);
  }

  /**
   * What a process adds to the file's addresses, from where its writable segment was mapped; 0
   * where no such segment begins there.
   *
   * @param start of the mapping
   * @param fileOffset of the mapping
   */
  public long loadBase(long start, long fileOffset) {
    for (Segment segment : segments) {
      long distance = fileOffset - (segment.offset() & -PageSize.BYTES);
      if (segment.type() == PT_LOAD
          && (segment.flags() & PF_W) != 0
          && distance >= 0
          && fileOffset < segment.offset() + segment.fileBytes()) {
        return start - distance - (segment.address() & -PageSize.BYTES);
      }
    }
    return 0;
  }

  public List<Section> sections() {
    return List.copyOf(sections);
  }

  /** The file that this is an image of. */
  public ElfFile file() {
    return file;
  }

  boolean isX86() {
    return machine == X86_64;
  }

  /** Value of a dynamic tag, 0 when it is not there. */
  long dynamic(int tag) {
    return dynamicTags[tag];
  }

  public boolean isAarch64() {
    return machine == AARCH64;
  }

  /** Whether it is loaded without a dynamic linker and links no library. */
  public boolean isStatic() {
    return neededOffsets.isEmpty() && segments.stream().noneMatch(s -> s.type() == PT_INTERP);
  }

  /** Whether it may be loaded anywhere (ET_DYN). */
  public boolean isPositionIndependent() {
    return type == 3;
  }

  /** The libraries it names as needed. */
  public List<String> needed() throws IOException {
    List<String> names = new ArrayList<>();
    long strings = fileOffset(dynamicTags[5]);
    for (long offset : neededOffsets) {
      if (strings >= 0 && offset >= 0 && offset < file.bytes()) {
        names.add(file.string(strings + offset));
      }
    }
    return names;
  }

  /** The GNU build id in hex; {@code ""} for none. */
  public String buildId() throws IOException {
    return BuildId.of(file, segments);
  }

  /** The first defined symbol of that name, of .dynsym, then .symtab. */
  public Optional<Symbol> symbol(String name) throws IOException {
    return new ElfSymbols(file, sections).first(symbol -> symbol.name().equals(name));
  }

  /** The symbol that covers an address of this file. */
  public Optional<Symbol> symbolAt(long address) throws IOException {
    return new ElfSymbols(file, sections)
        .first(
            symbol -> {
              long distance = address - symbol.address();
              return distance >= 0 && distance < Math.max(1, symbol.bytes());
            });
  }

  /** Goes over the defined symbols until the visitor returns false; a bounded number of them. */
  public void symbols(Predicate<Symbol> visitor) throws IOException {
    new ElfSymbols(file, sections).visit(visitor);
  }

  /** Which allocators are linked into this file; each of its tables is read once. */
  public Linkage linkage() throws IOException {
    return new LinkedAllocators(file).find(sections);
  }

  /**
   * Relocations of type RELATIVE, of DT_RELA and DT_RELR, in table order; a bounded number of them.
   */
  public void relativeRelocations(RelativeConsumer consumer) throws IOException {
    new ElfRelocations(this, file).visit(consumer);
  }

  /**
   * The file's bytes of an address range; fewer where the file has fewer (.bss is not in it).
   *
   * @param count at most 1 MiB is given
   */
  public ByteBuffer bytesAt(long address, int count) throws IOException {
    for (Segment segment : segments) {
      long distance = address - segment.address();
      if (segment.type() == PT_LOAD && distance >= 0 && distance < segment.fileBytes()) {
        long bytes = Math.min(Math.min(count, 1 << 20), segment.fileBytes() - distance);
        return file.read(segment.offset() + distance, bytes);
      }
    }
    return file.empty();
  }

  /** Version of glibc, e.g. {@code 2.36}, from the banner in its constants; "" for others. */
  public String glibcVersion() throws IOException {
    return Banner.GLIBC.version(file, segments);
  }

  /** Version of jemalloc, e.g. {@code 5.3.0}, from the banner in its constants; "" for others. */
  public String jemallocVersion() throws IOException {
    return Banner.JEMALLOC.version(file, segments);
  }

  /** Offset in the file of an address, -1 when the file does not hold it. */
  long fileOffset(long address) {
    for (Segment segment : segments) {
      long distance = address - segment.address();
      if (segment.type() == PT_LOAD && distance >= 0 && distance < segment.fileBytes()) {
        return segment.offset() + distance;
      }
    }
    return -1;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
