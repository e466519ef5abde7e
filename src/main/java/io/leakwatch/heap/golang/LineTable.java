package io.leakwatch.heap.golang;

import io.leakwatch.elf.ElfImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The table by which a Go program knows its own functions, files and lines ({@code .gopclntab};
 * runtime/symtab.go, cmd/link/internal/ld/pcln.go), read from the file. Addresses are relative to
 * the code's start since 1.18; what is counted for each instruction is a list of differences of
 * values and of addresses.
 */
final class LineTable {
  private static final int MAGIC_1_2 = 0xfffffffb;
  private static final int MAGIC_1_16 = 0xfffffffa;
  private static final int MAGIC_1_18 = 0xfffffff0;
  private static final int MAGIC_1_20 = 0xfffffff1;
  private static final int HEADER_BYTES = 72;
  private static final int FUNCTIONS_MAX = 1 << 24;
  private static final int FUNCTION_BYTES = 48;
  private static final int STEPS_BYTES = 16 << 10;
  private static final int INLINE_INDEX = 2;
  private static final int INLINE_TREE = 3;
  private static final int TABLES_MAX = 16;

  private final ElfImage image;
  private final Parts parts;
  private final Release release;

  /** Releases that wrote it in another way. */
  private enum Release {
    V1_2,
    V1_16,
    V1_18,
    V1_20;

    private boolean isRelative() {
      return compareTo(V1_18) >= 0;
    }

    /** Bytes of an address in it. */
    private int width() {
      return isRelative() ? 4 : 8;
    }
  }

  /**
   * Where they lie in the file.
   *
   * @param functions entries of {@code functab}
   * @param names from where names are counted
   * @param units the files of each compilation unit
   * @param values the lists of differences
   * @param quantum bytes of the smallest instruction
   */
  private record Parts(
      int functions, long functab, long names, long units, long files, long values, int quantum) {}

  private LineTable(ElfImage image, Release release, Parts parts) {
    this.image = image;
    this.release = release;
    this.parts = parts;
  }

  /** The one at a place of the file; null where there is none. */
  static @Nullable LineTable of(ElfImage image, long offset) throws IOException {
    ByteBuffer header = image.file().read(offset, HEADER_BYTES);
    if (header.remaining() < HEADER_BYTES || header.get(7) != 8) {
      return null;
    }
    long functions = header.getLong(8);
    if (functions <= 0 || functions > FUNCTIONS_MAX) {
      return null;
    }
    int count = (int) functions;
    int quantum = header.get(6);
    return switch (header.getInt(0)) {
      case MAGIC_1_20 ->
          new LineTable(image, Release.V1_20, parts(header, offset, 32, count, quantum));
      case MAGIC_1_18 ->
          new LineTable(image, Release.V1_18, parts(header, offset, 32, count, quantum));
      case MAGIC_1_16 ->
          new LineTable(image, Release.V1_16, parts(header, offset, 24, count, quantum));
      case MAGIC_1_2 -> old(image, offset, count, quantum);
      default -> null;
    };
  }

  /** All of it is counted from its start. */
  private static @Nullable LineTable old(ElfImage image, long offset, int count, int quantum)
      throws IOException {
    ByteBuffer files = image.file().read(offset + 8 + (2L * count + 1) * 8, 4);
    if (files.remaining() < 4) {
      return null;
    }
    long names = offset + files.getInt(0);
    return new LineTable(
        image, Release.V1_2, new Parts(count, offset + 16, offset, 0, names, offset, quantum));
  }

  private static Parts parts(ByteBuffer header, long offset, int first, int count, int quantum) {
    return new Parts(
        count,
        offset + header.getLong(first + 32),
        offset + header.getLong(first),
        offset + header.getLong(first + 8),
        offset + header.getLong(first + 16),
        offset + header.getLong(first + 24),
        quantum);
  }

  /** Whether it is of Go before 1.16. */
  boolean isOld() {
    return release == Release.V1_2;
  }

  /**
   * Word of the {@code moduledata} that tells from where the trees of inlined calls are counted
   * ({@code gofunc}); 0, which is never that, before 1.18.
   */
  int inlineTreesWord() {
    return release == Release.V1_20 ? 40 : release == Release.V1_18 ? 38 : 0;
  }

  /**
   * A function.
   *
   * @param entry its first instruction, from the code's start where addresses are relative
   * @param words its own entry in the file, behind that address: name, arguments, and so on
   */
  private record Function(long entry, ByteBuffer words) {
    int word(int i) {
      return 4 * i + 4 <= words.limit() ? words.getInt(4 * i) : 0;
    }
  }

  /** The function of an instruction; null where its entry cannot be read. */
  private @Nullable Function function(long code) throws IOException {
    int index = indexOf(code);
    int width = release.width();
    ByteBuffer place = image.file().read(parts.functab() + (2L * index + 1) * width, width);
    if (place.remaining() < width) {
      return null;
    }
    long at = parts.functab() - (isOld() ? 16 : 0) + number(place);
    ByteBuffer words = image.file().read(at + width, FUNCTION_BYTES + 4 * 2 * TABLES_MAX);
    return words.remaining() < 4 * 8 ? null : new Function(entry(index), words);
  }

  private int indexOf(long code) throws IOException {
    int low = 0;
    int high = parts.functions() - 1;
    while (low < high) {
      int middle = (low + high + 1) >>> 1;
      if (entry(middle) <= code) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private long entry(int i) throws IOException {
    int width = release.width();
    ByteBuffer entry = image.file().read(parts.functab() + 2L * i * width, width);
    return entry.remaining() < width ? Long.MAX_VALUE : number(entry);
  }

  private long number(ByteBuffer bytes) {
    return release.isRelative() ? bytes.getInt() & 0xffff_ffffL : bytes.getLong();
  }

  /**
   * Whether addresses are counted from the code's start; the caller passes such ones to all methods
   * then.
   */
  boolean isRelative() {
    return release.isRelative();
  }

  /** Whether a function begins at an address. */
  boolean isStart(long code) throws IOException {
    return entry(indexOf(code)) == code;
  }

  /** The function that was compiled, whatever was inlined into it; {@code ""} where unknown. */
  String function(long code, long inlineTrees) throws IOException {
    Function function = function(code);
    if (function == null) {
      return "";
    }
    int inlined = release.isRelative() ? inlinedName(function, code, inlineTrees) : 0;
    return image.file().string(parts.names() + (inlined == 0 ? function.word(0) : inlined));
  }

  /**
   * The name of what was inlined at an instruction, the innermost one, as the table of names has
   * it; 0 for nothing.
   *
   * @param trees address in the file from which the functions' trees are counted
   */
  private int inlinedName(Function function, long code, long trees) throws IOException {
    boolean hasStartLine = release == Release.V1_20;
    int valueTables = function.word(6);
    int behind = hasStartLine ? 9 : 8;
    int counts = function.word(behind) >>> 24; // Name's kind, flags, a gap, the number of trees.
    if (valueTables <= INLINE_INDEX || counts <= INLINE_TREE || valueTables > TABLES_MAX) {
      return 0;
    }
    int tree = function.word(behind + 1 + valueTables + INLINE_TREE);
    int index = value(function, behind + 1 + INLINE_INDEX, code);
    if (tree == -1 || index < 0) {
      return 0;
    }
    int bytes = hasStartLine ? 16 : 20;
    ByteBuffer call = image.bytesAt(trees + (tree & 0xffff_ffffL) + (long) index * bytes, bytes);
    return call.remaining() < bytes ? 0 : call.getInt(hasStartLine ? 4 : 12);
  }

  /** The source file of an instruction, {@code ""} where unknown. */
  String file(long code) throws IOException {
    Function function = function(code);
    int number = function == null ? -1 : value(function, 4, code);
    if (function == null || number < 0) {
      return "";
    }
    long place =
        isOld()
            ? parts.files() + 4L * number
            : parts.units() + 4L * ((function.word(7) & 0xffff_ffffL) + number);
    ByteBuffer name = image.file().read(place, 4);
    if (name.remaining() < 4 || name.getInt(0) == -1) {
      return "";
    }
    return image.file().string((isOld() ? parts.names() : parts.files()) + name.getInt(0));
  }

  /** The line of an instruction, 0 where unknown. */
  int line(long code) throws IOException {
    Function function = function(code);
    return function == null ? 0 : Math.max(0, value(function, 5, code));
  }

  /** What the list that a word of the function's entry points to has for an instruction. */
  private int value(Function function, int word, long code) throws IOException {
    int start = function.word(word);
    if (start == 0) {
      return -1;
    }
    ByteBuffer steps = image.file().read(parts.values() + (start & 0xffff_ffffL), STEPS_BYTES);
    int value = -1;
    long at = function.entry();
    boolean isFirst = true;
    while (steps.hasRemaining()) {
      int zigzag = varint(steps);
      if (zigzag == 0 && !isFirst) {
        return -1;
      }
      isFirst = false;
      value += (zigzag >>> 1) ^ -(zigzag & 1);
      at += (varint(steps) & 0xffff_ffffL) * parts.quantum();
      if (code < at) {
        return value;
      }
    }
    return -1;
  }

  private static int varint(ByteBuffer bytes) {
    int value = 0;
    for (int shift = 0; shift < 35 && bytes.hasRemaining(); shift += 7) {
      int next = bytes.get();
      value |= (next & 0x7f) << shift;
      if (next >= 0) {
        break;
      }
    }
    return value;
  }
}
