package io.leakwatch.elf;

import io.leakwatch.elf.ElfImage.Section;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds the allocators that are linked into an image, by the few symbols that give them away.
 *
 * <p>A server of C++ has a million symbols and a hundred megabytes of names. So no name is made:
 * the bytes of the names are searched once from front to back for the telling ones, which yields a
 * handful of offsets; then the symbols are read once from front to back, and those that are defined
 * and point to one of the offsets count. A linker may let the name {@code malloc} share the end of
 * {@code tc_malloc}, so a name is searched for at every byte. Cost: each table is read once,
 * through one buffer, and what lies behind a bound is left out.
 *
 * <p>jemalloc: its public functions, plain or with the prefix that Redis ({@code je_}), Rust
 * ({@code _rjem_}) and others configure. tcmalloc: the C interfaces of gperftools' and of Google's
 * own. mimalloc: its plain function; musl: the variable that its allocator keeps. Not a sign is
 * {@code MallocExtension}: every program with brpc defines a weak one for itself
 * (brpc/details/tcmalloc_extension.cpp).
 */
final class LinkedAllocators {
  private static final int JEMALLOC = 1;
  private static final int TCMALLOC = 2;
  private static final int MALLOC = 4;
  private static final int MIMALLOC = 8;
  private static final int MUSL = 16;

  private static final long NAMES_BYTES_MAX = 256L << 20;
  private static final int HITS_MAX = 1024;

  /** A telling name; one that ends with a zero byte must be the whole rest of the symbol's name. */
  private record Sign(String text, int meaning) {
    boolean isAt(byte[] bytes, int from) {
      int i = 0;
      while (i < text.length() && bytes[from + i] == text.charAt(i)) {
        i++;
      }
      return i == text.length();
    }
  }

  private static final List<Sign> SIGNS =
      List.of(
          new Sign("malloc\0", MALLOC),
          new Sign("mallocx\0", JEMALLOC),
          new Sign("mallctlnametomib\0", JEMALLOC),
          new Sign("je_malloc", JEMALLOC),
          new Sign("je_mallctl\0", JEMALLOC),
          new Sign("_rjem_malloc\0", JEMALLOC),
          new Sign("mi_malloc\0", MIMALLOC),
          new Sign("__malloc_context\0", MUSL),
          new Sign("tc_malloc\0", TCMALLOC),
          new Sign("TCMallocInternalMalloc\0", TCMALLOC));

  private static final int LONGEST =
      SIGNS.stream().mapToInt(s -> s.text().length()).max().orElse(0);

  private final ElfFile file;
  private final ByteBuffer piece;
  private final long[] offsets = new long[HITS_MAX];
  private final int[] meanings = new int[HITS_MAX];
  private int hits;

  LinkedAllocators(ElfFile file) {
    this.file = file;
    this.piece = ByteBuffer.allocate(ElfFile.PIECE_BYTES).order(file.order());
  }

  Linkage find(List<Section> sections) throws IOException {
    int seen = 0;
    for (int type : new int[] {ElfSymbols.SHT_DYNSYM, ElfSymbols.SHT_SYMTAB}) {
      Optional<Section> table = ElfSymbols.table(sections, type);
      if (table.isPresent()) {
        search(sections.get(table.get().link()));
        seen |= hits == 0 ? 0 : defined(table.get());
      }
    }
    boolean jemalloc = (seen & JEMALLOC) != 0;
    boolean tcmalloc = (seen & TCMALLOC) != 0;
    boolean go = sections.stream().map(Section::name).anyMatch(LinkedAllocators::isOfGo);
    boolean mimalloc = (seen & MIMALLOC) != 0;
    boolean musl = (seen & MUSL) != 0;
    boolean isAny = jemalloc || tcmalloc || mimalloc || musl;
    return new Linkage(jemalloc, tcmalloc, isAny && (seen & MALLOC) != 0, go, mimalloc, musl);
  }

  /** What even a stripped program of Go has: its runtime reads the table itself. */
  private static boolean isOfGo(String section) {
    return section.equals(".go.buildinfo") || section.endsWith(".gopclntab");
  }

  /** Notes where telling names begin, as offsets into the table of names, ascending. */
  private void search(Section names) throws IOException {
    hits = 0;
    byte[] bytes = piece.array();
    long end = Math.min(names.extent().bytes(), NAMES_BYTES_MAX);
    long at = 0;
    while (at < end) {
      int length = fill(names.extent().offset() + at, end - at);
      boolean last = at + length >= end || length < bytes.length;
      int stop = length - (last ? 0 : LONGEST);
      for (int i = 0; i < stop; i++) {
        byte first = bytes[i];
        if (first == 'm' || first == 'j' || first == 't' || first == 'T' || first == '_') {
          note(bytes, i, length, at);
        }
      }
      if (last) {
        return;
      }
      at += stop;
    }
  }

  private void note(byte[] bytes, int i, int length, long at) {
    for (Sign sign : SIGNS) {
      if (i + sign.text().length() <= length && hits < HITS_MAX && sign.isAt(bytes, i)) {
        offsets[hits] = at + i;
        meanings[hits++] = sign.meaning();
      }
    }
  }

  /** Which of the noted names belong to symbols that this image defines. */
  private int defined(Section table) throws IOException {
    int seen = 0;
    long end = Math.min(table.extent().bytes(), ElfSymbols.SYMBOLS_MAX * ElfSymbols.ENTRY_BYTES);
    long at = 0;
    while (at < end) {
      int length = fill(table.extent().offset() + at, end - at);
      int whole = length / ElfSymbols.ENTRY_BYTES * ElfSymbols.ENTRY_BYTES;
      for (int i = 0; i < whole; i += ElfSymbols.ENTRY_BYTES) {
        long name = Integer.toUnsignedLong(piece.getInt(i));
        if (name >= offsets[0] && name <= offsets[hits - 1] && piece.getShort(i + 6) != 0) {
          int hit = Arrays.binarySearch(offsets, 0, hits, name);
          seen |= hit < 0 ? 0 : meanings[hit];
        }
      }
      if (whole == 0) {
        break;
      }
      at += whole;
    }
    return seen;
  }

  private int fill(long offset, long count) throws IOException {
    piece.clear().limit((int) Math.min(piece.capacity(), Math.max(0, count)));
    return file.read(offset, piece).limit();
  }
}
