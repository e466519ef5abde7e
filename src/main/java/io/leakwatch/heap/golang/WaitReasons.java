package io.leakwatch.heap.golang;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.Variables;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What goroutines wait for, in the runtime's own words. Their numbers change from release to
 * release, so the runtime's table is read ({@code waitReasonStrings}, runtime/runtime2.go): strings
 * of 0, 17 and 7 bytes come first, "", "GC assist marking" and "IO wait".
 */
final class WaitReasons {
  static final int WAITING = 4;

  private static final List<String> STATES =
      List.of(
          "idle",
          "runnable",
          "running",
          "in a system call",
          "waiting",
          "?",
          "dead",
          "?",
          "copying its stack",
          "preempted",
          "leaked",
          "dead");

  private static final String FIRST = "GC assist marking";
  private static final int TEXT_MAX = 64;
  private static final int ENTRY_WORDS = 2;
  private static final int SOUGHT_WORDS = 3 * ENTRY_WORDS;

  private final HeapMemory memory;
  private long table;

  /**
   * Reads the table among the variables of a file.
   *
   * @param variables searches them
   */
  WaitReasons(HeapMemory memory, Variables variables, AddressSpace.DataSegment data) {
    this.memory = memory;
    variables.search(data, SOUGHT_WORDS, this::isMissingIn);
  }

  private boolean isMissingIn(long address, long[] words, int count) {
    for (int i = 0; i + SOUGHT_WORDS <= count; i++) {
      if (words[i + 1] == 0
          && words[i + 3] == FIRST.length()
          && words[i + 5] == 7
          && text(words[i + 2], FIRST.length()).equals(FIRST)) {
        table = address + 8L * i;
        return false;
      }
    }
    return true;
  }

  /** The words of a number; {@code ""} where they are not known. */
  String of(int number) {
    long[] entry = new long[ENTRY_WORDS];
    boolean isRead =
        table != 0 && memory.peek(table + 16L * number, entry, ENTRY_WORDS) == ENTRY_WORDS;
    return isRead && entry[1] > 0 && entry[1] <= TEXT_MAX ? text(entry[0], (int) entry[1]) : "";
  }

  static String state(int status) {
    return status >= 0 && status < STATES.size() ? STATES.get(status) : "?";
  }

  private String text(long address, int bytes) {
    long[] words = new long[TEXT_MAX / 8 + 2];
    long from = address & -8;
    int skip = (int) (address - from);
    int wanted = (skip + bytes + 7) / 8;
    if (address <= 0 || memory.peek(from, words, wanted) != wanted) {
      return "";
    }
    byte[] text = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      text[i] = (byte) (words[(skip + i) >>> 3] >>> (8 * ((skip + i) & 7)));
    }
    return new String(text, StandardCharsets.UTF_8);
  }
}
