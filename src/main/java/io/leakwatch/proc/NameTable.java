package io.leakwatch.proc;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Names of mappings, so that the same bytes give the same {@code String} without making it again. A
 * process has few names and many mappings. It holds a bounded number of names and starts empty
 * again when it is full, so a process that keeps inventing names costs garbage but no memory.
 */
final class NameTable {
  static final int NAMES_MAX = 4096;

  private final byte[][] keys = new byte[NAMES_MAX * 2][];
  private final @Nullable String[] names = new String[NAMES_MAX * 2];
  private int size;

  String name(byte[] text, int from, int to) {
    if (from == to) {
      return "";
    }
    int mask = keys.length - 1;
    int slot = hash(text, from, to) & mask;
    while (true) {
      String known = names[slot];
      if (known == null) {
        return remember(slot, text, from, to);
      }
      if (Arrays.equals(keys[slot], 0, keys[slot].length, text, from, to)) {
        return known;
      }
      slot = (slot + 1) & mask;
    }
  }

  private String remember(int slot, byte[] text, int from, int to) {
    String name = new String(text, from, to - from, StandardCharsets.UTF_8);
    if (size == NAMES_MAX) {
      Arrays.fill(names, null);
      size = 0;
    }
    names[slot] = name;
    keys[slot] = Arrays.copyOfRange(text, from, to);
    size++;
    return name;
  }

  private static int hash(byte[] text, int from, int to) {
    int h = 0;
    for (int i = from; i < to; i++) {
      h = h * 31 + text[i];
    }
    return h ^ h >>> 15;
  }
}
