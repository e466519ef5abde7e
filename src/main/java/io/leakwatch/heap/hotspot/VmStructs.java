package io.leakwatch.heap.hotspot;

import io.leakwatch.elf.ElfImage;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.OwnerTarget;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The tables by which HotSpot describes its own structures to debuggers ({@code vmStructs.cpp}):
 * where each field lies, how large each type is and from which it is derived, and constants. They
 * are in every JVM, stripped or not, and its library names them among its dynamic symbols. So no
 * offset is known here; only names are, and some of those changed from version to version.
 */
final class VmStructs {
  private static final String PREFIX = "gHotSpotVM";
  private static final int ENTRIES_MAX = 8192;
  private static final int ENTRY_BYTES_MAX = 256;
  private static final int NAME_BYTES_MAX = 256;
  private static final int SYMBOLS_MAX = 64;
  private static final int ANCESTORS_MAX = 16;

  private final Map<String, Field> fields = new HashMap<>();
  private final Map<String, String> ancestors = new HashMap<>();
  private final Map<String, Long> sizes = new HashMap<>();
  private final Map<String, Long> constants = new HashMap<>();

  private VmStructs() {}

  /**
   * One field.
   *
   * @param offset within its object; 0 for a static one
   * @param address of a static one, else 0
   */
  record Field(long offset, long address) {}

  /** Symbols of a loaded library. */
  private record Symbols(Map<String, Long> addresses, TargetWords words) {
    /** What a variable holds, 0 where there is none. */
    long value(String name) {
      Long address = addresses.get(PREFIX + name);
      return address == null ? 0 : words.word(address);
    }

    /** The distance of a part from the start of its entry, -1 where it is none. */
    int offset(String name) {
      long offset = addresses.containsKey(PREFIX + name) ? value(name) : -1;
      return offset >= 0 && offset <= ENTRY_BYTES_MAX - 8 ? (int) offset : -1;
    }
  }

  /** Receives the entries of a table by their addresses; returns false at its end. */
  private interface Entries {
    boolean entry(long address);
  }

  /** The library of the JVM in a process; null where there is none. */
  static AddressSpace.@Nullable DataSegment library(AddressSpace space) {
    for (AddressSpace.DataSegment data : space.data()) {
      if (data.path().substring(data.path().lastIndexOf('/') + 1).startsWith("libjvm.so")) {
        return data;
      }
    }
    return null;
  }

  /**
   * Reads them.
   *
   * @return null where they are not there or cannot be read
   */
  static @Nullable VmStructs read(
      OwnerTarget target, AddressSpace.DataSegment library, TargetWords words) {
    Map<String, Long> addresses = new HashMap<>();
    try (ElfImage image =
        ElfImage.open(target.files().ofMapping(target.table(), library.mapping())).orElse(null)) {
      if (image == null) {
        return null;
      }
      long base = image.loadBase(library.start(), target.table().offset(library.mapping()));
      image.symbols(
          symbol -> {
            if (symbol.name().startsWith(PREFIX)) {
              addresses.putIfAbsent(symbol.name(), base + symbol.address());
            }
            return addresses.size() < SYMBOLS_MAX && !isWhole(addresses);
          });
    } catch (IOException e) {
      return null; // Replaced, or not ours to read.
    }
    VmStructs structs = new VmStructs();
    structs.read(new Symbols(addresses, words));
    return structs.fields.isEmpty() || structs.sizes.isEmpty() ? null : structs;
  }

  /** Whether all that is asked for was met, so that a large table of symbols is not read to end. */
  private static boolean isWhole(Map<String, Long> addresses) {
    return addresses.containsKey(PREFIX + "LongConstants")
        && addresses.containsKey(PREFIX + "LongConstantEntryValueOffset")
        && addresses.containsKey(PREFIX + "LongConstantEntryNameOffset")
        && addresses.containsKey(PREFIX + "LongConstantEntryArrayStride")
        && addresses.size() >= 24;
  }

  private void read(Symbols symbols) {
    TargetWords words = symbols.words();
    int type = symbols.offset("StructEntryTypeNameOffset");
    int field = symbols.offset("StructEntryFieldNameOffset");
    int isStatic = symbols.offset("StructEntryIsStaticOffset");
    int offset = symbols.offset("StructEntryOffsetOffset");
    int address = symbols.offset("StructEntryAddressOffset");
    if (Math.min(Math.min(type, field), Math.min(isStatic, Math.min(offset, address))) >= 0) {
      each(
          symbols,
          "Struct",
          "Structs",
          entry -> {
            String owner = words.text(words.word(entry + type), NAME_BYTES_MAX);
            String name = words.text(words.word(entry + field), NAME_BYTES_MAX);
            boolean isOfClass = words.int32(entry + isStatic) != 0;
            Field found =
                new Field(
                    isOfClass ? 0 : words.word(entry + offset),
                    isOfClass ? words.word(entry + address) : 0);
            fields.putIfAbsent(owner + "." + name, found);
            return !owner.isEmpty();
          });
    }
    readTypes(symbols);
    readConstants(symbols, "Int");
    readConstants(symbols, "Long");
  }

  private void readTypes(Symbols symbols) {
    TargetWords words = symbols.words();
    int type = symbols.offset("TypeEntryTypeNameOffset");
    int ancestor = symbols.offset("TypeEntrySuperclassNameOffset");
    int size = symbols.offset("TypeEntrySizeOffset");
    if (Math.min(type, Math.min(ancestor, size)) >= 0) {
      each(
          symbols,
          "Type",
          "Types",
          entry -> {
            String name = words.text(words.word(entry + type), NAME_BYTES_MAX);
            sizes.put(name, words.word(entry + size));
            ancestors.put(name, words.text(words.word(entry + ancestor), NAME_BYTES_MAX));
            return !name.isEmpty();
          });
    }
  }

  private void readConstants(Symbols symbols, String kind) {
    TargetWords words = symbols.words();
    int name = symbols.offset(kind + "ConstantEntryNameOffset");
    int value = symbols.offset(kind + "ConstantEntryValueOffset");
    if (Math.min(name, value) >= 0) {
      each(
          symbols,
          kind + "Constant",
          kind + "Constants",
          entry -> {
            String text = words.text(words.word(entry + name), NAME_BYTES_MAX);
            constants.put(
                text, kind.equals("Int") ? words.int32(entry + value) : words.word(entry + value));
            return !text.isEmpty();
          });
    }
  }

  private static void each(Symbols symbols, String entry, String table, Entries entries) {
    long start = symbols.value(table);
    long stride = symbols.value(entry + "EntryArrayStride");
    if (start > 0 && stride > 0 && stride <= ENTRY_BYTES_MAX && (stride & 7) == 0) {
      int i = 0;
      while (i < ENTRIES_MAX && entries.entry(start + i * stride)) {
        i++;
      }
    }
  }

  /** A field of a type or of one that it is derived from; null where there is none. */
  private @Nullable Field find(String type, String name) {
    String at = type;
    for (int i = 0; i < ANCESTORS_MAX && at != null && !at.isEmpty(); i++) {
      Field field = fields.get(at + "." + name);
      if (field != null) {
        return field;
      }
      at = ancestors.get(at);
    }
    return null;
  }

  /** Whether there is a type. */
  boolean hasType(String type) {
    return sizes.containsKey(type);
  }

  /** The first of the types that this version has, the last one where it has none. */
  String type(String... candidates) {
    for (String type : candidates) {
      if (hasType(type)) {
        return type;
      }
    }
    return candidates[candidates.length - 1];
  }

  /** Where in its object the first of these fields lies that there is; -1 where there is none. */
  int offset(String type, String... names) {
    for (String name : names) {
      Field field = find(type, name);
      if (field != null && field.address() == 0 && field.offset() >= 0) {
        return field.offset() < 1 << 20 ? (int) field.offset() : -1;
      }
    }
    return -1;
  }

  /** The address of the first static field, each {@code Type.name}, that there is; 0 for none. */
  long address(String... qualified) {
    for (String name : qualified) {
      Field field = fields.get(name);
      if (field != null && field.address() > 0) {
        return field.address();
      }
    }
    return 0;
  }

  /** The size of a type, 0 where there is none. */
  long bytes(String type) {
    return sizes.getOrDefault(type, 0L);
  }

  /** A constant, or what else it is taken for where there is none. */
  long constant(String name, long otherwise) {
    return constants.getOrDefault(name, otherwise);
  }
}
