package io.leakwatch.proc.memory;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Names of mappings, so that the same bytes give the same {@code String} without making it again. A
 * process has few names and many mappings; but it chooses them, and may map as many files of as
 * long names as it likes. So a bounded number of them is held, of bounded length in all, and what
 * finds no room is called after its begin alone: {@code /…} is a file of which nothing else is
 * known. Names that tell an allocator or a kind (libraries, and the kernel's own in brackets) find
 * room when those of plain files do not any more.
 *
 * <p>Names are never dropped in the middle of a reading: {@link #begin} empties the table when it
 * is fuller than half.
 */
final class NameTable {
  static final int NAMES_MAX = 4096;

  private static final int BYTES_MAX = 1 << 20;

  /** A quarter of all room is for names that tell more than a plain file's. */
  private static final int PLAIN_NAMES_MAX = NAMES_MAX / 4 * 3;

  private static final int PLAIN_BYTES_MAX = BYTES_MAX / 4 * 3;

  /** Begins that stay of a name without room. */
  private static final String[] BEGINS = {"[anon:", "[anon_shmem:", "/"};

  private static final String[] CUT = {"[anon:…", "[anon_shmem:…", "/…"};

  /** A longer name is a file's, and is cut: none that tells a kind is as long. */
  private static final int NAME_BYTES_MAX = 1024;

  private final byte[][] keys = new byte[NAMES_MAX * 2][];
  private final @Nullable String[] names = new String[NAMES_MAX * 2];
  private int size;
  private int bytes;

  /** Makes room before a reading. */
  void begin() {
    if (size > NAMES_MAX / 2 || bytes > BYTES_MAX / 2) {
      Arrays.fill(names, null);
      Arrays.fill(keys, null);
      size = 0;
      bytes = 0;
    }
  }

  String name(byte[] text, int from, int lineEnd) {
    if (from == lineEnd) {
      return "";
    }
    int to = Math.min(lineEnd, from + NAME_BYTES_MAX);
    int mask = keys.length - 1;
    int slot = hash(text, from, to) & mask;
    while (true) {
      String known = names[slot];
      if (known == null) {
        return hasRoom(text, from, to) ? remember(slot, text, from, to) : unknown(text, from, to);
      }
      if (Arrays.equals(keys[slot], 0, keys[slot].length, text, from, to)) {
        return known;
      }
      slot = (slot + 1) & mask;
    }
  }

  private boolean hasRoom(byte[] text, int from, int to) {
    boolean telling = isTelling(text, from, to);
    return size < (telling ? NAMES_MAX : PLAIN_NAMES_MAX)
        && bytes + (to - from) <= (telling ? BYTES_MAX : PLAIN_BYTES_MAX);
  }

  /** Whether it is no path, or one of a shared object. */
  private static boolean isTelling(byte[] text, int from, int to) {
    if (text[from] != '/') {
      return true;
    }
    for (int i = from; i + 2 < to; i++) {
      if (text[i] == '.' && text[i + 1] == 's' && text[i + 2] == 'o') {
        return true;
      }
    }
    return false;
  }

  private static String unknown(byte[] text, int from, int to) {
    for (int i = 0; i < BEGINS.length; i++) {
      if (startsWith(BEGINS[i], text, from, to)) {
        return CUT[i];
      }
    }
    return "[…";
  }

  private static boolean startsWith(String begin, byte[] text, int from, int to) {
    int i = 0;
    while (i < begin.length() && from + i < to && text[from + i] == begin.charAt(i)) {
      i++;
    }
    return i == begin.length();
  }

  private String remember(int slot, byte[] text, int from, int to) {
    String name = new String(text, from, to - from, StandardCharsets.UTF_8);
    names[slot] = name;
    keys[slot] = Arrays.copyOfRange(text, from, to);
    size++;
    bytes += to - from;
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
