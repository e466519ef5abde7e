package io.leakwatch.heap.golang;

import io.leakwatch.elf.ElfImage;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.Variables;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Functions of a Go program by their addresses, also where it is stripped: the runtime needs the
 * table itself ({@code .gopclntab}; runtime/symtab.go, cmd/link/internal/ld/pcln.go). The table is
 * read from the file; where the code lies is read from the {@code moduledata} that points to it.
 */
final class FunctionNames implements AutoCloseable {
  private static final int MAGIC_1_2 = 0xfffffffb;
  private static final int MAGIC_1_16 = 0xfffffffa;
  private static final int MAGIC_1_18 = 0xfffffff0;
  private static final int MAGIC_1_20 = 0xfffffff1;
  private static final int HEADER_BYTES = 72;
  private static final int FUNCTIONS_MAX = 1 << 24;
  private static final int REMEMBERED_MAX = 4096;
  private static final int MODULE_WORDS = 24;

  private final ElfImage image;
  private final Table table;
  private final long text;
  private final long textEnd;
  private final Map<Long, String> remembered = new HashMap<>();

  /**
   * Where the table's parts lie in the file.
   *
   * @param functions entries of the first part, {@code functab}
   * @param functab its place, from which a function's own entry is counted too
   * @param names from where names are counted
   * @param isRelative whether entries are four bytes and relative to the code's start, since 1.18
   */
  private record Table(int functions, long functab, long names, boolean isRelative) {
    /** Whether it is of Go before 1.16: all is counted from its start. */
    boolean isOld() {
      return functab - 16 == names;
    }

    int entryBytes() {
      return isRelative ? 4 : 8;
    }
  }

  private FunctionNames(ElfImage image, Table table, long text, long textEnd) {
    this.image = image;
    this.table = table;
    this.text = text;
    this.textEnd = textEnd;
  }

  /** Of the file whose variables lie in a segment; null where they cannot be had. */
  static @Nullable FunctionNames open(
      OwnerTarget target, Variables variables, AddressSpace.DataSegment data) {
    try {
      ElfImage image =
          ElfImage.open(target.files().ofMapping(target.table(), data.mapping())).orElse(null);
      if (image == null) {
        return null;
      }
      FunctionNames names = of(image, target, variables, data);
      if (names == null) {
        image.close();
      }
      return names;
    } catch (IOException e) {
      return null; // Replaced, or not ours to read: then functions have no names.
    }
  }

  private static @Nullable FunctionNames of(
      ElfImage image, OwnerTarget target, Variables variables, AddressSpace.DataSegment data)
      throws IOException {
    for (ElfImage.Section section : image.sections()) {
      if (section.name().endsWith(".gopclntab")) {
        Table table = table(image, section.extent().offset());
        if (table == null) {
          return null;
        }
        long base = image.loadBase(data.start(), target.table().offset(data.mapping()));
        long[] code = code(variables, data, base + section.extent().address(), table.isOld());
        return code == null ? null : new FunctionNames(image, table, code[0], code[1]);
      }
    }
    return null;
  }

  private static @Nullable Table table(ElfImage image, long offset) throws IOException {
    ByteBuffer header = image.file().read(offset, HEADER_BYTES);
    if (header.remaining() < HEADER_BYTES || header.get(7) != 8) {
      return null;
    }
    long functions = header.getLong(8);
    if (functions <= 0 || functions > FUNCTIONS_MAX) {
      return null;
    }
    int count = (int) functions;
    return switch (header.getInt(0)) {
      case MAGIC_1_18, MAGIC_1_20 ->
          new Table(count, offset + header.getLong(64), offset + header.getLong(32), true);
      case MAGIC_1_16 ->
          new Table(count, offset + header.getLong(56), offset + header.getLong(24), false);
      case MAGIC_1_2 -> new Table(count, offset + 16, offset, false);
      default -> null;
    };
  }

  /** Start and end of the code: the {@code moduledata} begins with the table's address. */
  private static long @Nullable [] code(
      Variables variables, AddressSpace.DataSegment data, long address, boolean isOld) {
    long[][] code = {null};
    variables.search(
        data,
        MODULE_WORDS,
        (at, words, count) -> {
          for (int i = 0; i + MODULE_WORDS <= count && code[0] == null; i++) {
            long start = words[i + (isOld ? 12 : 22)];
            long end = words[i + (isOld ? 13 : 23)];
            if (words[i] == address && start > 0 && start < end) {
              code[0] = new long[] {start, end};
            }
          }
          return code[0] == null;
        });
    return code[0];
  }

  /** Whether an address is one of the program's code. */
  boolean isCode(long address) {
    return address >= text && address < textEnd;
  }

  /**
   * The function that an instruction belongs to, e.g. {@code main.(*Server).serve.func1}; {@code
   * ""} where it is not known.
   */
  String of(long address) {
    if (!isCode(address)) {
      return "";
    }
    String known = remembered.get(address);
    if (known == null) {
      try {
        known = read(address);
      } catch (IOException e) {
        known = ""; // As good as without a name.
      }
      if (remembered.size() < REMEMBERED_MAX) {
        remembered.put(address, known);
      }
    }
    return known;
  }

  /** Whether a function begins at an address. */
  boolean isStart(long address) {
    try {
      return isCode(address) && entry(indexOf(address)) == address;
    } catch (IOException e) {
      return false; // What cannot be read proves nothing.
    }
  }

  private int indexOf(long address) throws IOException {
    int low = 0;
    int high = table.functions() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (entry(middle) <= address) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private String read(long address) throws IOException {
    int index = indexOf(address);
    int width = table.entryBytes();
    ByteBuffer place = image.file().read(table.functab() + (2L * index + 1) * width, width);
    if (place.remaining() < width) {
      return "";
    }
    long function = table.functab() - (table.isOld() ? 16 : 0) + number(place);
    ByteBuffer name = image.file().read(function + width, 4);
    return name.remaining() < 4 ? "" : image.file().string(table.names() + name.getInt());
  }

  private long entry(int i) throws IOException {
    int width = table.entryBytes();
    ByteBuffer entry = image.file().read(table.functab() + 2L * i * width, width);
    return entry.remaining() < width
        ? Long.MAX_VALUE
        : table.isRelative() ? text + number(entry) : number(entry);
  }

  private long number(ByteBuffer bytes) {
    return table.isRelative() ? bytes.getInt() & 0xffff_ffffL : bytes.getLong();
  }

  @Override
  public void close() {
    try {
      image.close();
    } catch (IOException e) {
      assert e != null; // It was only read.
    }
  }
}
