package io.leakwatch.symbols;

import io.leakwatch.elf.ElfFile;
import io.leakwatch.elf.ElfImage;
import io.leakwatch.elf.ElfImage.Section;
import io.leakwatch.elf.ElfImage.Symbol;
import io.leakwatch.elf.ElfSymbols;
import io.leakwatch.proc.memory.AddressList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The symbols of an image by address, for many questions.
 *
 * <p>A server of C++ has a million symbols and a hundred megabytes of names. So only eight bytes of
 * each are kept: its address and its place in the table, packed into one word and sorted. Size and
 * name are read from the file when a question hits. Several symbols may share an address or lie
 * within each other; of those that cover an address, the innermost one counts, and of aliases a
 * global one before a local one.
 */
public final class SymbolIndex {
  private static final int PLACE_BITS = 22;
  private static final long PLACE_MASK = (1L << PLACE_BITS) - 1;
  private static final long ADDRESS_MAX = 1L << (63 - PLACE_BITS);

  /** How many symbols before the address are asked whether they cover it. */
  private static final int STEPS_MAX = 64;

  private static final int TYPE_SECTION = 3;
  private static final int TYPE_FILE = 4;
  private static final int TYPE_TLS = 6;

  static final SymbolIndex NONE = new SymbolIndex(null, null, null, new long[0]);

  private final @Nullable ElfFile file;
  private final @Nullable Section table;
  private final @Nullable Section names;
  private final long[] sorted;

  private SymbolIndex(
      @Nullable ElfFile file, @Nullable Section table, @Nullable Section names, long[] sorted) {
    this.file = file;
    this.table = table;
    this.names = names;
    this.sorted = sorted;
  }

  /**
   * Indexes the fullest table that an image has: .symtab, else .dynsym.
   *
   * @param symbolsMax symbols that are kept at the most
   */
  public static SymbolIndex of(ElfImage image, long symbolsMax) throws IOException {
    for (int type : new int[] {ElfSymbols.SHT_SYMTAB, ElfSymbols.SHT_DYNSYM}) {
      Optional<Section> table = ElfSymbols.table(image.sections(), type);
      if (table.isPresent()) {
        SymbolIndex index = of(image, table.get(), Math.min(symbolsMax, PLACE_MASK + 1));
        if (index.size() > 0) {
          return index;
        }
      }
    }
    return NONE;
  }

  private static SymbolIndex of(ElfImage image, Section table, long symbolsMax) throws IOException {
    ElfFile file = image.file();
    long bytes = Math.min(table.extent().bytes(), symbolsMax * ElfSymbols.ENTRY_BYTES);
    AddressList found = new AddressList(1024);
    int place = 0;
    ByteBuffer piece = file.empty();
    long done = 0;
    while (done < bytes) {
      int step = ElfFile.PIECE_BYTES / ElfSymbols.ENTRY_BYTES * ElfSymbols.ENTRY_BYTES;
      piece = file.read(table.extent().offset() + done, Math.min(bytes - done, step));
      if (piece.remaining() < ElfSymbols.ENTRY_BYTES) {
        break;
      }
      done += piece.remaining() - piece.remaining() % ElfSymbols.ENTRY_BYTES;
      while (piece.remaining() >= ElfSymbols.ENTRY_BYTES) {
        int at = piece.position();
        long address = piece.getLong(at + 8);
        if (isTelling(piece, at) && address > 0 && address < ADDRESS_MAX) {
          found.add(address << PLACE_BITS | place);
        }
        place++;
        piece.position(at + ElfSymbols.ENTRY_BYTES);
      }
    }
    Section names = image.sections().get(table.link());
    return new SymbolIndex(file, table, names, found.sorted());
  }

  private static boolean isTelling(ByteBuffer piece, int at) {
    int type = piece.get(at + 4) & 15;
    return piece.getInt(at) != 0
        && piece.getShort(at + 6) != 0
        && type != TYPE_SECTION
        && type != TYPE_FILE
        && type != TYPE_TLS;
  }

  int size() {
    return sorted.length;
  }

  /** The symbol that covers an address of the image; one without a size covers its own only. */
  public Optional<Symbol> at(long address) throws IOException {
    if (file == null || table == null || names == null || address <= 0 || address >= ADDRESS_MAX) {
      return Optional.empty();
    }
    int from = Arrays.binarySearch(sorted, address << PLACE_BITS | PLACE_MASK);
    from = from >= 0 ? from : -from - 2;
    Optional<Symbol> best = Optional.empty();
    boolean bestIsLocal = false;
    for (int i = from; i >= 0 && from - i < STEPS_MAX; i--) {
      long start = sorted[i] >>> PLACE_BITS;
      if (best.isPresent() && best.get().address() != start) {
        break;
      }
      long entryAt = table.extent().offset() + (sorted[i] & PLACE_MASK) * ElfSymbols.ENTRY_BYTES;
      ByteBuffer entry = file.read(entryAt, ElfSymbols.ENTRY_BYTES);
      if (entry.remaining() < ElfSymbols.ENTRY_BYTES) {
        break;
      }
      long bytes = entry.getLong(16);
      boolean isLocal = (entry.get(4) >>> 4 & 15) == 0;
      boolean covers = address == start || (bytes > 0 && address - start < bytes);
      if (covers && (best.isEmpty() || (bestIsLocal && !isLocal))) {
        String name =
            file.string(names.extent().offset() + Integer.toUnsignedLong(entry.getInt(0)));
        if (isName(name)) {
          best = Optional.of(new Symbol(name, start, bytes));
          bestIsLocal = isLocal;
        }
      }
    }
    return best;
  }

  /** Marks of the assembler ({@code $x}, {@code .L12}) and of the linker name nothing. */
  private static boolean isName(String name) {
    return !name.isEmpty()
        && name.charAt(0) != '$'
        && !name.startsWith(".L")
        && !name.equals("__bss_start")
        && !name.equals("_edata")
        && !name.equals("_end");
  }
}
