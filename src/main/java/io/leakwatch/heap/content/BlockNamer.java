package io.leakwatch.heap.content;

import io.leakwatch.heap.content.NodeShapes.Shape;
import io.leakwatch.heap.content.VirtualTables.Kind;
import io.leakwatch.heap.content.VirtualTables.Table;
import io.leakwatch.proc.memory.AddressRanges;
import io.leakwatch.region.MemoryProbe;
import io.leakwatch.symbols.Place;
import io.leakwatch.symbols.Symbolizer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells what an allocation is, from its first bytes. The strongest sign counts: a virtual table at
 * its begin; text; the links of a container's node, with what the node carries; a virtual table or
 * a table of functions further in; pointers; at last what its bytes resemble.
 */
final class BlockNamer {
  private static final int TABLE_WORDS_MAX = 16;
  private static final int MALLOC_LINKS = 4;
  private static final int CARRIED_MAX = 2;
  private static final int EXAMPLE_WORDS_MAX = 6;
  private static final int SMALL_NUMBER = 4096;
  private static final int STRING_BYTES_MAX = 1 << 24;
  private static final double POINTERS_SHARE = 0.6;

  private final Symbolizer symbols;
  private final VirtualTables tables;
  private final AddressRanges memory;
  private final NodeShapes shapes;
  private final MemoryProbe probe;
  private final Masking masking;

  BlockNamer(Symbolizer symbols, AddressRanges memory, MemoryProbe probe, Masking masking) {
    this.symbols = symbols;
    this.tables = new VirtualTables(symbols, probe);
    this.memory = memory;
    this.shapes = new NodeShapes(memory, probe);
    this.probe = probe;
    this.masking = masking;
  }

  VirtualTables tables() {
    return tables;
  }

  Content name(Block block) {
    Table table = tables.at(block.word(0));
    if (table != null) {
      String type =
          table.kind() == Kind.CLASS ? table.name() : "structure with functions " + table.name();
      return content(type, table.module(), "", block);
    }
    String text = block.textAt(0);
    if (!text.isEmpty() && !isAddress(text, block.word(0))) {
      return content("string", "", text, block);
    }
    Shape shape = shapes.of(block);
    if (shape != Shape.NONE) {
      return node(shape, block);
    }
    Content inner = inner(block);
    if (inner != null) {
      return inner;
    }
    Carried string = string(block, 0);
    if (string != null) {
      boolean array = block.count() >= 8 && string(block, 4) != null;
      String type = array ? "array of std::string" : "structure with std::string";
      return content(type, "", string.text(), block);
    }
    Content pointers = pointers(block);
    String likeness = pointers == null ? ByteLikeness.of(block) : "";
    return pointers != null ? pointers : content(likeness, "", "", block);
  }

  /**
   * What memory resembles of which nobody knows where an object begins: its first words are no
   * type.
   */
  Content likeness(Block block) {
    return content(ByteLikeness.of(block), "", "", block);
  }

  /** The bytes of an address can be printable; no text of that length is as likely. */
  private boolean isAddress(String text, long word) {
    return text.length() <= 6 && (memory.contains(word) || symbols.isInModule(word));
  }

  /**
   * Something that lies in a block.
   *
   * @param words it takes
   */
  private record Carried(String type, String module, String text, int words) {}

  private Content node(Shape shape, Block block) {
    List<String> types = new ArrayList<>();
    String module = "";
    String text = "";
    int i = shape.payload();
    while (i < block.count() && types.size() < CARRIED_MAX) {
      Carried carried = carried(block, i);
      if (carried != null) {
        types.add(carried.type());
        module = module.isEmpty() ? carried.module() : module;
        text = text.isEmpty() ? carried.text() : text;
      }
      i += carried == null ? 1 : carried.words();
    }
    String of = types.isEmpty() ? "" : " of " + String.join(", ", types);
    return content(shape.words() + of, module, text, block);
  }

  private @Nullable Carried carried(Block block, int i) {
    Table table = tables.at(block.word(i));
    if (table != null && table.kind() == Kind.CLASS) {
      return new Carried(table.name(), table.module(), "", block.count());
    }
    Carried string = string(block, i);
    if (string != null) {
      return string;
    }
    Table pointed = pointedTable(block.word(i));
    if (pointed != null) {
      return new Carried(pointed.name() + "*", pointed.module(), "", 1);
    }
    String text = block.textAt(8 * i);
    return text.length() >= 8 ? new Carried("text", "", text, (text.length() + 8) / 8) : null;
  }

  /** The class of the object that a word points to. */
  private @Nullable Table pointedTable(long word) {
    long[] first = new long[1];
    if ((word & 7) != 0 || !memory.contains(word) || !probe.read(word, first)) {
      return null;
    }
    Table table = tables.at(first[0]);
    return table != null && table.kind() == Kind.CLASS ? table : null;
  }

  /**
   * libstdc++'s std::string: pointer, length, and either the text itself, when it is short, or the
   * capacity.
   */
  private @Nullable Carried string(Block block, int i) {
    if (i + 4 > block.count()) {
      return null;
    }
    long pointer = block.word(i);
    long length = block.word(i + 1);
    if (length <= 0 || length > STRING_BYTES_MAX) {
      return null;
    }
    if (pointer == block.address() + 8L * (i + 2)) {
      String text = block.textAt(8 * (i + 2));
      boolean fits = length <= 15 && (text.isEmpty() || text.length() == length);
      return fits ? new Carried("std::string", "", text, 4) : null;
    }
    long capacity = block.word(i + 2);
    if (length > 15
        && capacity >= length
        && capacity <= STRING_BYTES_MAX
        && memory.contains(pointer)) {
      return new Carried("std::string", "", pointedText(pointer, length), 4);
    }
    return null;
  }

  private String pointedText(long pointer, long length) {
    long[] words = new long[(int) Math.min(16, (length + 7) / 8)];
    if ((pointer & 7) != 0 || !probe.read(pointer, words)) {
      return "";
    }
    String text = new Block(pointer, 0, words).textAt(0);
    return text.length() > length ? text.substring(0, (int) length) : text;
  }

  /** A table, a function or a named constant further in. */
  private @Nullable Content inner(Block block) {
    int count = Math.min(block.count(), TABLE_WORDS_MAX);
    for (int i = 1; i < count; i++) {
      Table table = tables.at(block.word(i));
      if (table != null) {
        String type =
            table.kind() == Kind.CLASS
                ? "structure with " + table.name() + " at +" + 8 * i
                : "structure with functions " + table.name();
        return content(type, table.module(), "", block);
      }
    }
    for (int i = 0; i < count; i++) {
      Place place = symbols.place(block.word(i));
      if (place != null && place.section() == Place.Section.TEXT) {
        return content("structure with function " + place.text(), place.module(), "", block);
      }
    }
    for (int i = 0; i < count; i++) {
      Place place = symbols.place(block.word(i));
      if (place != null && !isLeftByMalloc(i, place)) {
        return content("structure with pointer to " + place.text(), place.module(), "", block);
      }
    }
    return null;
  }

  /**
   * Whether a word is left over from when the chunk was free: its first four are malloc's links
   * then, and those at the end of a list lie in libc's own variables.
   */
  private static boolean isLeftByMalloc(int word, Place place) {
    return word < MALLOC_LINKS && place.module().startsWith("libc");
  }

  private @Nullable Content pointers(Block block) {
    int pointers = 0;
    int set = 0;
    Table pointed = null;
    for (int i = 0; i < block.count(); i++) {
      long word = block.word(i);
      set += word != 0 ? 1 : 0;
      if (word != 0 && (word & 7) == 0 && memory.contains(word)) {
        pointers++;
        pointed = pointed == null && pointers <= 3 ? pointedTable(word) : pointed;
      }
    }
    if (pointers < 2 || pointers < POINTERS_SHARE * set) {
      return null;
    }
    return pointed == null
        ? content("array of pointers", "", "", block)
        : content("array of pointers to " + pointed.name(), pointed.module(), "", block);
  }

  private Content content(String type, String module, String text, Block block) {
    return new Content(type, module, text, text.isEmpty() ? words(block) : masking.example(text));
  }

  /** The first words in a form that may be shown: what kind of thing each is. */
  private String words(Block block) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < Math.min(EXAMPLE_WORDS_MAX, block.count()); i++) {
      text.append(i == 0 ? "" : " ").append(word(block, i));
    }
    return text.toString();
  }

  private String word(Block block, int i) {
    long word = block.word(i);
    if (word >= 0 && word < SMALL_NUMBER) {
      return Long.toString(word);
    }
    Table table = tables.at(word);
    if (table != null) {
      return "→" + (table.kind() == Kind.CLASS ? "vtable for " : "") + table.name();
    }
    Place place = symbols.place(word);
    if (place != null) {
      return "→" + place.text();
    }
    if (masking.isRaw()) {
      return "0x" + Long.toHexString(word);
    }
    if (memory.contains(word)) {
      return "→[heap]";
    }
    String text = new Block(0, 0, new long[] {word}).textAt(0);
    return text.isEmpty() ? "#" : "\"" + masking.shape(text) + "\"";
  }
}
