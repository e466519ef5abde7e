package io.leakwatch.heap.hotspot;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The classes that a walk meets, by the addresses of their descriptions. What is no class of a
 * readable name and a possible size is none.
 */
final class ClassTable {
  private static final int CLASSES_MAX = 1 << 17;
  private static final int NAME_BYTES_MAX = 1024;
  private static final int RECENT = 1 << 12;
  private static final int LENGTH_LOG_MAX = 3;

  private final TargetWords words;
  private final int layoutHelper;
  private final int name;
  private final int symbolLength;
  private final int symbolBody;
  private final Map<Long, JavaClass> classes = new HashMap<>();
  private final Map<Long, Boolean> strangers = new HashMap<>();
  private final @Nullable JavaClass[] recent = new JavaClass[RECENT];

  ClassTable(VmStructs structs, TargetWords words) {
    this.words = words;
    this.layoutHelper = structs.offset("Klass", "_layout_helper");
    this.name = structs.offset("Klass", "_name");
    this.symbolLength = structs.offset("Symbol", "_length");
    this.symbolBody = structs.offset("Symbol", "_body[0]", "_body");
  }

  /** Whether classes can be told at all. */
  boolean isKnown() {
    return Math.min(Math.min(layoutHelper, name), Math.min(symbolLength, symbolBody)) >= 0;
  }

  /** The class that is described at an address, null where none is. */
  @Nullable JavaClass find(long address) {
    int slot = (int) ((address * 0x9E3779B97F4A7C15L) >>> 52);
    JavaClass recently = recent[slot];
    if (recently != null && recently.address() == address) {
      return recently;
    }
    JavaClass found = classes.get(address);
    if (found == null) {
      boolean isFull = classes.size() + strangers.size() >= CLASSES_MAX;
      if (address <= 0 || (address & 7) != 0 || isFull || strangers.containsKey(address)) {
        return null;
      }
      found = read(address);
      if (found == null) {
        strangers.put(address, true);
        return null;
      }
      classes.put(address, found);
    }
    recent[slot] = found;
    return found;
  }

  private @Nullable JavaClass read(long address) {
    int helper = words.int32(address + layoutHelper);
    boolean isArray = helper < 0;
    if (isArray ? (helper & 0x3f) > LENGTH_LOG_MAX : (helper & ~7) < 8) {
      return null;
    }
    long symbol = words.word(address + name & -8L);
    int length = symbol <= 0 ? 0 : words.int16(symbol + symbolLength);
    byte[] text =
        length == 0 ? null : words.bytes(symbol + symbolBody, Math.min(length, NAME_BYTES_MAX));
    if (text == null) {
      return null;
    }
    for (byte character : text) {
      if (character >= 0 && character <= ' ') {
        return null;
      }
    }
    String internal = new String(text, StandardCharsets.UTF_8);
    return isArray == internal.startsWith("[") ? new JavaClass(address, internal, helper) : null;
  }

  Collection<JavaClass> classes() {
    return classes.values();
  }
}
