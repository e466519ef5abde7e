package io.leakwatch.heap.golang;

import io.leakwatch.elf.ElfImage;
import io.leakwatch.heap.MemoryProfile.Frame;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.Variables;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Functions of a Go program by their addresses, with their files and lines, also where it is
 * stripped: the runtime needs the table itself. It is read from the file; where the code lies is
 * read from the {@code moduledata} that points to it (runtime/symtab.go).
 */
final class FunctionNames implements AutoCloseable {
  private static final int REMEMBERED_MAX = 4096;
  private static final int MODULE_WORDS = 44;

  /** Word of the {@code moduledata} since 1.20. */
  private static final int TYPES = 37;

  private final ElfImage image;
  private final LineTable table;
  private final Code code;
  private final TypeTable types;
  private final Map<Long, Frame> remembered = new HashMap<>();

  /**
   * Where the program's code lies.
   *
   * @param start inclusive
   * @param end exclusive
   * @param inlineTrees address in the file, 0 where it is not known
   * @param base what the process adds to the file's addresses
   * @param types where the descriptions of types begin
   * @param typesEnd exclusive
   */
  private record Code(
      long start, long end, long inlineTrees, long base, long types, long typesEnd) {}

  private FunctionNames(ElfImage image, LineTable table, Code code) {
    this.image = image;
    this.table = table;
    this.code = code;
    this.types = new TypeTable(image, code.base(), code.types(), code.typesEnd());
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
        LineTable table = LineTable.of(image, section.extent().offset());
        if (table == null) {
          return null;
        }
        long base = image.loadBase(data.start(), target.table().offset(data.mapping()));
        Code code = code(variables, data, base, base + section.extent().address(), table);
        return code == null ? null : new FunctionNames(image, table, code);
      }
    }
    return null;
  }

  /** Where the code lies: the {@code moduledata} begins with the table's address. */
  private static @Nullable Code code(
      Variables variables,
      AddressSpace.DataSegment data,
      long base,
      long address,
      LineTable table) {
    Code[] code = {null};
    variables.search(
        data,
        MODULE_WORDS,
        (at, words, count) -> {
          for (int i = 0; i + MODULE_WORDS <= count && code[0] == null; i++) {
            long start = words[i + (table.isOld() ? 12 : 22)];
            long end = words[i + (table.isOld() ? 13 : 23)];
            if (words[i] == address && start > 0 && start < end) {
              long trees = words[i + table.inlineTreesWord()];
              code[0] =
                  new Code(
                      start,
                      end,
                      trees == 0 ? 0 : trees - base,
                      base,
                      words[i + TYPES],
                      words[i + TYPES + 1]);
            }
          }
          return code[0] == null;
        });
    return code[0];
  }

  /** The program's types, where the release is 1.20 or later. */
  TypeTable types() {
    return types;
  }

  /** Whether an address is one of the program's code. */
  boolean isCode(long address) {
    return address >= code.start() && address < code.end();
  }

  /**
   * The function that an instruction belongs to, e.g. {@code main.(*Server).serve.func1}; {@code
   * ""} where it is not known.
   */
  String of(long address) {
    return frame(address).name();
  }

  /** The same with its place in the source; of what was inlined there, the innermost function. */
  Frame frame(long address) {
    if (!isCode(address)) {
      return Frame.of("");
    }
    Frame known = remembered.get(address);
    if (known == null) {
      try {
        long at = inTable(address);
        known = new Frame(table.function(at, code.inlineTrees()), table.file(at), table.line(at));
      } catch (IOException e) {
        known = Frame.of(""); // As good as without a name.
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
      return isCode(address) && table.isStart(inTable(address));
    } catch (IOException e) {
      return false; // What cannot be read proves nothing.
    }
  }

  private long inTable(long address) {
    return table.isRelative() ? address - code.start() : address;
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
