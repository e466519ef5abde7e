package io.leakwatch.elf;

import io.leakwatch.elf.ElfImage.Section;
import io.leakwatch.elf.ElfImage.Symbol;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The symbol tables of an image. An image has at most one of each type (System V ABI), so only the
 * first counts. Names lie in a table of their own, in any order: a small one is read whole, a large
 * one through a window; a file whose names make the window jump too much is given up.
 */
public final class ElfSymbols {
  public static final int SHT_SYMTAB = 2;
  public static final int SHT_DYNSYM = 11;
  public static final int ENTRY_BYTES = 24;
  static final long SYMBOLS_MAX = 4_000_000;
  private static final int WHOLE_BYTES_MAX = 4 << 20;
  private static final long NAMES_READ_BYTES_MAX = 1L << 30;

  private final ElfFile file;
  private final List<Section> sections;

  private ByteBuffer names;
  private long namesAt;
  private long namesReadBytes;

  ElfSymbols(ElfFile file, List<Section> sections) {
    this.file = file;
    this.sections = sections;
    this.names = file.empty();
  }

  /** The first section of a type whose names are there. */
  public static Optional<Section> table(List<Section> sections, int type) {
    return sections.stream()
        .filter(section -> section.type() == type)
        .findFirst()
        .filter(section -> section.link() >= 0 && section.link() < sections.size());
  }

  /** The first symbol that fits, of .dynsym, then of .symtab. */
  Optional<Symbol> first(Predicate<Symbol> wanted) throws IOException {
    Symbol[] found = new Symbol[1];
    visit(
        symbol -> {
          if (wanted.test(symbol)) {
            found[0] = symbol;
          }
          return found[0] == null;
        });
    return Optional.ofNullable(found[0]);
  }

  /** Goes over the defined symbols until the visitor returns false. */
  void visit(Predicate<Symbol> visitor) throws IOException {
    for (int type : new int[] {SHT_DYNSYM, SHT_SYMTAB}) {
      Optional<Section> table = table(sections, type);
      if (table.isPresent() && !visit(table.get(), visitor)) {
        return;
      }
    }
  }

  private boolean visit(Section table, Predicate<Symbol> visitor) throws IOException {
    Section strings = sections.get(table.link());
    openNames(strings);
    int step = ElfFile.PIECE_BYTES / ENTRY_BYTES * ENTRY_BYTES;
    long bytes = Math.min(table.extent().bytes(), SYMBOLS_MAX * ENTRY_BYTES);
    for (long done = 0; done < bytes; done += step) {
      ByteBuffer piece = file.read(table.extent().offset() + done, Math.min(bytes - done, step));
      while (piece.remaining() >= ENTRY_BYTES) {
        long name = Integer.toUnsignedLong(piece.getInt());
        piece.getShort();
        int index = piece.getShort();
        long address = piece.getLong();
        long symbolBytes = piece.getLong();
        if (index == 0 || name == 0 || name >= strings.extent().bytes()) {
          continue;
        }
        String text = name(strings.extent().offset() + name);
        if (!text.isEmpty() && !visitor.test(new Symbol(text, address, symbolBytes))) {
          return false;
        }
      }
      if (piece.limit() == 0 || namesReadBytes > NAMES_READ_BYTES_MAX) {
        break;
      }
    }
    return true;
  }

  private void openNames(Section strings) throws IOException {
    boolean whole = strings.extent().bytes() <= WHOLE_BYTES_MAX;
    namesAt = strings.extent().offset();
    namesReadBytes = 0;
    names =
        whole
            ? file.read(namesAt, strings.extent().bytes() + ElfFile.NAME_BYTES_MAX)
            : file.empty();
  }

  private String name(long at) throws IOException {
    if (at < namesAt || at + ElfFile.NAME_BYTES_MAX > namesAt + names.limit()) {
      boolean atEnd = namesAt + names.limit() == file.bytes() && names.limit() > 0;
      if (at < namesAt || !atEnd) {
        namesAt = Math.max(0, at - ElfFile.PIECE_BYTES / 2);
        names = file.read(namesAt, ElfFile.PIECE_BYTES);
        namesReadBytes += ElfFile.PIECE_BYTES;
      }
    }
    return ElfFile.text(names, at - namesAt);
  }
}
