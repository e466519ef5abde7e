package io.leakwatch.heap.golang;

import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.Presence;
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
  private static final int PIECE_WORDS = 4096;
  private static final int TEXT_MAX = 64;
  private static final int ENTRY_WORDS = 2;

  private final HeapMemory memory;
  private final long table;

  /** Reads the table among the variables of a file. */
  WaitReasons(HeapMemory memory, AddressSpace.DataSegment data) {
    this.memory = memory;
    this.table = find(data);
  }

  private long find(AddressSpace.DataSegment data) {
    Presence presence = new Presence(memory);
    long[] piece = new long[PIECE_WORDS + 6];
    long at = presence.nextPresent(data.start(), data.end());
    while (at < data.end() && presence.failure() == 0) {
      int wanted = (int) Math.min(piece.length, (data.end() - at) >>> 3);
      int count = Math.max(0, memory.peek(at, piece, wanted));
      for (int i = 0; i + 5 < count; i++) {
        if (piece[i + 1] == 0
            && piece[i + 3] == FIRST.length()
            && piece[i + 5] == 7
            && text(piece[i + 2], FIRST.length()).equals(FIRST)) {
          return at + 8L * i;
        }
      }
      long next = at + Math.max(8, (long) Math.min(count, PIECE_WORDS) * 8);
      at =
          count > PIECE_WORDS
              ? next
              : presence.nextPresent(
                  next + memory.pageBytes() - 1 & -memory.pageBytes(), data.end());
    }
    return 0;
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
