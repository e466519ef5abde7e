package io.leakwatch.heap.ptmalloc;

import io.leakwatch.proc.memory.MappingTable;

/**
 * The first words of a chunk in a form that may be shown: what kind of thing each word is, never
 * the application's data itself. Addresses are named by the mapping they point into, small numbers
 * are kept, and text keeps its shape only: letters become {@code a}, digits {@code 0}.
 */
final class MaskedWords {
  private static final long SMALL = 4096;

  private final MappingTable table;

  MaskedWords(MappingTable table) {
    this.table = table;
  }

  String of(long[] words, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        text.append(' ');
      }
      text.append(mask(words[i]));
    }
    return text.toString();
  }

  private String mask(long word) {
    if (word >= 0 && word < SMALL) {
      return Long.toString(word);
    }
    int mapping = mappingOf(word);
    if (mapping >= 0) {
      String name = table.name(mapping);
      String file = name.substring(name.lastIndexOf('/') + 1);
      if (name.startsWith("/")) {
        long offset = word - table.start(mapping) + table.offset(mapping);
        return "→" + file + "+0x" + Long.toHexString(offset);
      }
      return "→" + (name.isEmpty() ? "[anon]" : name);
    }
    return isText(word) ? "\"" + shape(word) + "\"" : "#";
  }

  private int mappingOf(long address) {
    int low = 0;
    int high = table.size() - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(address, table.start(middle)) < 0) {
        high = middle - 1;
      } else if (Long.compareUnsigned(address, table.end(middle)) >= 0) {
        low = middle + 1;
      } else {
        return middle;
      }
    }
    return -1;
  }

  private static boolean isText(long word) {
    boolean ended = false;
    for (int i = 0; i < 8; i++) {
      int b = (int) (word >>> (8 * i)) & 0xff;
      if (b == 0) {
        ended = true;
      } else if (ended || b < 0x20 || b > 0x7e) {
        return false;
      }
    }
    return (word & 0xff) != 0;
  }

  private static String shape(long word) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      char c = (char) ((word >>> (8 * i)) & 0xff);
      if (c == 0) {
        break;
      }
      text.append(Character.isLetter(c) ? 'a' : Character.isDigit(c) ? '0' : c);
    }
    return text.toString();
  }
}
