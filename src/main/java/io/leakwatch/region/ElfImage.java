package io.leakwatch.region;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
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

  /** An SHT_* section. */
  public record Section(
      String name, int type, long address, long offset, long bytes, int link, long entryBytes) {}

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
  private static final int PT_DYNAMIC = 2;
  private static final int PT_NOTE = 4;
  private static final int PT_INTERP = 3;
  private static final int SHT_SYMTAB = 2;
  private static final int SHT_DYNSYM = 11;
  private static final int NT_GNU_BUILD_ID = 3;
  private static final int HEADERS_MAX = 4096;
  private static final int NAME_BYTES_MAX = 4096;
  private static final long SYMBOLS_MAX = 4_000_000;
  private static final long RELOCATIONS_MAX = 4_000_000;
  private static final int NOTE_BYTES_MAX = 64 << 10;
  private static final int SCAN_BYTES_MAX = 32 << 20;
  private static final int PIECE_BYTES = 64 << 10;

  private final FileChannel file;
  private final long fileBytes;
  private final ByteOrder order;
  private final int machine;
  private final int type;
  private final List<Segment> segments = new ArrayList<>();
  private final List<Section> sections = new ArrayList<>();
  private final long[] dynamicTags = new long[40];
  private final List<Long> neededOffsets = new ArrayList<>();

  private ElfImage(FileChannel file, ByteBuffer header, long fileBytes) throws IOException {
    this.file = file;
    this.fileBytes = fileBytes;
    this.order = header.order();
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
   * Opens a file.
   *
   * @param path e.g. {@code /proc/PID/exe} or a path below {@code /proc/PID/root}
   * @return empty when it is no 64-bit ELF file
   * @throws IOException when it cannot be opened or read
   */
  public static Optional<ElfImage> open(Path path) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
    boolean kept = false;
    try {
      ByteBuffer header = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
      if (file.read(header, 0) != 64 || header.getInt(0) != 0x464c457f || header.get(4) != 2) {
        return Optional.empty();
      }
      if (header.get(5) == 2) {
        header.order(ByteOrder.BIG_ENDIAN);
      }
      ElfImage image = new ElfImage(file, header, file.size());
      kept = true;
      return Optional.of(image);
    } finally {
      if (!kept) {
        file.close();
      }
    }
  }

  private void readSegments(long at, int entryBytes, int count) throws IOException {
    ByteBuffer table = entryBytes == 56 ? read(at, Math.min(count, HEADERS_MAX) * 56L) : empty();
    while (table.remaining() >= 56) {
      int kind = table.getInt();
      int flags = table.getInt();
      long offset = table.getLong();
      long address = table.getLong();
      table.getLong();
      long inFile = table.getLong();
      long inMemory = table.getLong();
      table.getLong();
      if (offset >= 0 && inFile >= 0 && inMemory >= 0 && offset <= fileBytes) {
        long bounded = Math.min(inFile, fileBytes - offset);
        segments.add(new Segment(kind, flags, offset, address, bounded, inMemory));
      }
    }
  }

  private void readSections(long at, int entryBytes, int count, int names) throws IOException {
    ByteBuffer table = entryBytes == 64 ? read(at, Math.min(count, HEADERS_MAX) * 64L) : empty();
    long strings = names < count ? names * 64L : -1;
    long stringsAt =
        strings >= 0 && strings + 64 <= table.limit() ? table.getLong((int) strings + 24) : -1;
    while (table.remaining() >= 64) {
      int name = table.getInt();
      int kind = table.getInt();
      table.getLong();
      long address = table.getLong();
      long offset = table.getLong();
      long bytes = table.getLong();
      int link = table.getInt();
      table.getInt();
      table.getLong();
      long entry = table.getLong();
      String text = stringsAt < 0 || name < 0 ? "" : string(stringsAt + name);
      sections.add(new Section(text, kind, address, offset, bytes, link, entry));
    }
  }

  private void readDynamic() throws IOException {
    for (Segment segment : segments) {
      if (segment.type() != PT_DYNAMIC) {
        continue;
      }
      ByteBuffer table = read(segment.offset(), Math.min(segment.fileBytes(), HEADERS_MAX * 16L));
      while (table.remaining() >= 16) {
        long tag = table.getLong();
        long value = table.getLong();
        if (tag == 1) {
          neededOffsets.add(value);
        } else if (tag > 0 && tag < dynamicTags.length) {
          dynamicTags[(int) tag] = value;
        }
      }
    }
  }

  public List<Segment> segments() {
    return List.copyOf(segments);
  }

  public List<Section> sections() {
    return List.copyOf(sections);
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
      if (strings >= 0 && offset >= 0 && offset < fileBytes) {
        names.add(string(strings + offset));
      }
    }
    return names;
  }

  /** The GNU build id in hex; {@code ""} for none. */
  public String buildId() throws IOException {
    for (Segment segment : segments) {
      if (segment.type() != PT_NOTE) {
        continue;
      }
      ByteBuffer notes = read(segment.offset(), Math.min(segment.fileBytes(), NOTE_BYTES_MAX));
      while (notes.remaining() >= 12) {
        int nameBytes = notes.getInt();
        int bytes = notes.getInt();
        int kind = notes.getInt();
        long padded = ((nameBytes + 3L) & ~3L) + ((bytes + 3L) & ~3L);
        if (nameBytes < 0 || bytes < 0 || padded > notes.remaining()) {
          break;
        }
        int at = notes.position();
        if (kind == NT_GNU_BUILD_ID && nameBytes == 4 && notes.getInt(at) == gnu()) {
          byte[] id = new byte[Math.min(bytes, 64)];
          notes.get(at + 4, id);
          return HexFormat.of().formatHex(id);
        }
        notes.position(at + (int) padded);
      }
    }
    return "";
  }

  private int gnu() {
    return order == ByteOrder.LITTLE_ENDIAN ? 0x00554e47 : 0x474e5500;
  }

  /** The first defined symbol that a name belongs to, of .dynsym, then .symtab. */
  public Optional<Symbol> symbol(String name) throws IOException {
    Symbol[] found = new Symbol[1];
    symbols(
        symbol -> {
          if (symbol.name().equals(name)) {
            found[0] = symbol;
          }
          return found[0] == null;
        });
    return Optional.ofNullable(found[0]);
  }

  /** The symbol that covers an address of this file. */
  public Optional<Symbol> symbolAt(long address) throws IOException {
    Symbol[] found = new Symbol[1];
    symbols(
        symbol -> {
          long distance = address - symbol.address();
          if (distance >= 0 && distance < Math.max(1, symbol.bytes())) {
            found[0] = symbol;
          }
          return found[0] == null;
        });
    return Optional.ofNullable(found[0]);
  }

  /** Goes over the defined symbols until the visitor returns false; a bounded number of them. */
  public void symbols(Predicate<Symbol> visitor) throws IOException {
    for (int wanted : new int[] {SHT_DYNSYM, SHT_SYMTAB}) {
      for (Section section : sections) {
        if (section.type() == wanted && !symbolsOf(section, visitor)) {
          return;
        }
      }
    }
  }

  private boolean symbolsOf(Section section, Predicate<Symbol> visitor) throws IOException {
    if (section.link() < 0 || section.link() >= sections.size() || section.bytes() < 0) {
      return true;
    }
    long stringsOffset = sections.get(section.link()).offset();
    ByteBuffer strings = empty();
    long stringsAt = 0;
    long bytes = Math.min(section.bytes(), SYMBOLS_MAX * 24);
    for (long done = 0; done < bytes; done += PIECE_BYTES / 24 * 24) {
      ByteBuffer piece =
          read(section.offset() + done, Math.min(bytes - done, PIECE_BYTES / 24 * 24));
      while (piece.remaining() >= 24) {
        long name = Integer.toUnsignedLong(piece.getInt());
        piece.getShort();
        int index = piece.getShort();
        long address = piece.getLong();
        long symbolBytes = piece.getLong();
        if (index == 0 || name == 0) {
          continue;
        }
        long at = stringsOffset + name;
        if (at < stringsAt || at + NAME_BYTES_MAX > stringsAt + strings.limit()) {
          stringsAt = Math.max(0, at - PIECE_BYTES / 2);
          strings = read(stringsAt, PIECE_BYTES);
        }
        String text = text(strings, at - stringsAt);
        if (!text.isEmpty() && !visitor.test(new Symbol(text, address, symbolBytes))) {
          return false;
        }
      }
      if (piece.limit() == 0) {
        return true;
      }
    }
    return true;
  }

  /**
   * Relocations of type RELATIVE, of DT_RELA and DT_RELR, in table order; a bounded number of them.
   */
  public void relativeRelocations(RelativeConsumer consumer) throws IOException {
    int relative = machine == X86_64 ? 8 : machine == AARCH64 ? 1027 : -1;
    long table = fileOffset(dynamicTags[7]);
    long bytes = Math.min(Math.max(0, dynamicTags[8]), RELOCATIONS_MAX * 24);
    for (long done = 0; table >= 0 && done < bytes; done += PIECE_BYTES / 24 * 24) {
      ByteBuffer piece = read(table + done, Math.min(bytes - done, PIECE_BYTES / 24 * 24));
      if (piece.limit() == 0) {
        break;
      }
      while (piece.remaining() >= 24) {
        long where = piece.getLong();
        long info = piece.getLong();
        long target = piece.getLong();
        if ((int) info == relative) {
          consumer.accept(where, target);
        }
      }
    }
    packedRelocations(consumer);
  }

  /** DT_RELR: an even word is an address; an odd one a bitmap of the 63 words behind the last. */
  private void packedRelocations(RelativeConsumer consumer) throws IOException {
    long table = fileOffset(dynamicTags[36]);
    long bytes = Math.min(Math.max(0, dynamicTags[35]), RELOCATIONS_MAX / 64 * 8);
    if (table < 0 || bytes == 0) {
      return;
    }
    ByteBuffer words = read(table, bytes);
    long next = 0;
    while (words.remaining() >= 8) {
      long word = words.getLong();
      if ((word & 1) == 0) {
        relocate(word, consumer);
        next = word + 8;
        continue;
      }
      for (int bit = 0; bit < 63; bit++) {
        if ((word >>> (bit + 1) & 1) != 0) {
          relocate(next + 8L * bit, consumer);
        }
      }
      next += 63 * 8;
    }
  }

  private void relocate(long where, RelativeConsumer consumer) throws IOException {
    ByteBuffer word = bytesAt(where, 8);
    if (word.remaining() == 8) {
      consumer.accept(where, word.getLong());
    }
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
        return read(segment.offset() + distance, bytes);
      }
    }
    return empty();
  }

  /** Version of glibc, e.g. {@code 2.36}, from the banner in its constants; "" for others. */
  public String glibcVersion() throws IOException {
    String banner = "GNU C Library (";
    String release = "release version ";
    for (Segment segment : segments) {
      if (segment.type() != PT_LOAD || (segment.flags() & 2) != 0) {
        continue;
      }
      long bytes = Math.min(segment.fileBytes(), SCAN_BYTES_MAX);
      for (long done = 0; done < bytes; done += PIECE_BYTES - 256) {
        ByteBuffer piece = read(segment.offset() + done, Math.min(PIECE_BYTES, bytes - done));
        String text = StandardCharsets.ISO_8859_1.decode(piece).toString();
        int at = text.indexOf(banner);
        int version = at < 0 ? -1 : text.indexOf(release, at);
        if (version >= 0 && version - at < 200) {
          int from = version + release.length();
          int to = from;
          while (to < text.length() && to < from + 8 && isVersion(text.charAt(to))) {
            to++;
          }
          String found = text.substring(from, to);
          return found.endsWith(".") ? found.substring(0, found.length() - 1) : found;
        }
      }
    }
    return "";
  }

  private static boolean isVersion(char c) {
    return c == '.' || (c >= '0' && c <= '9');
  }

  /** Which allocators are linked into this file. */
  public Linkage linkage() throws IOException {
    boolean[] seen = new boolean[3];
    symbols(
        symbol -> {
          String name = symbol.name();
          seen[0] |= name.equals("mallocx") || name.startsWith("je_malloc") || isConf(name);
          seen[1] |= name.equals("tc_malloc") || name.startsWith("_ZN15MallocExtension");
          seen[2] |= name.equals("malloc");
          return true;
        });
    boolean go = sections.stream().anyMatch(s -> s.name().equals(".go.buildinfo"));
    boolean other = seen[0] || seen[1];
    return new Linkage(seen[0], seen[1], other && seen[2], go);
  }

  private static boolean isConf(String name) {
    return name.equals("je_mallctl") || name.equals("mallctlnametomib");
  }

  /** Offset in the file of an address, -1 when the file does not hold it. */
  private long fileOffset(long address) {
    for (Segment segment : segments) {
      long distance = address - segment.address();
      if (segment.type() == PT_LOAD && distance >= 0 && distance < segment.fileBytes()) {
        return segment.offset() + distance;
      }
    }
    return -1;
  }

  private String string(long at) throws IOException {
    return text(read(at, NAME_BYTES_MAX), 0);
  }

  private static String text(ByteBuffer bytes, long from) {
    if (from < 0 || from >= bytes.limit()) {
      return "";
    }
    int end = (int) from;
    int stop = (int) Math.min(bytes.limit(), from + NAME_BYTES_MAX);
    while (end < stop && bytes.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - (int) from];
    bytes.get((int) from, text);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  private ByteBuffer empty() {
    return ByteBuffer.allocate(0).order(order);
  }

  /** Reads at most what the file has; never more than the callers' bounds. */
  private ByteBuffer read(long at, long count) throws IOException {
    if (at < 0 || at >= fileBytes || count <= 0) {
      return empty();
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(count, fileBytes - at)).order(order);
    while (bytes.hasRemaining() && file.read(bytes, at + bytes.position()) > 0) {}
    return bytes.flip();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
