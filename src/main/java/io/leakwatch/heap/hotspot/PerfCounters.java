package io.leakwatch.heap.hotspot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The performance counters of a JVM, as they lie in its memory: a header, then entries of a name
 * and a number or a text each (HotSpot's {@code perfMemory.hpp}, version 2). What is out of order
 * is left out.
 */
final class PerfCounters {
  static final int BYTES_MAX = 1 << 20;

  /** Nothing is known. */
  static final PerfCounters NONE = new PerfCounters(Map.of(), Map.of());

  private static final int MAGIC = 0xcafec0c0;
  private static final int HEADER_BYTES = 32;
  private static final int ENTRY_BYTES = 20;
  private static final int ENTRIES_MAX = 4096;
  private static final int TEXT_BYTES_MAX = 1024;

  private final Map<String, Long> numbers;
  private final Map<String, String> texts;

  private PerfCounters(Map<String, Long> numbers, Map<String, String> texts) {
    this.numbers = numbers;
    this.texts = texts;
  }

  /** Whether memory that begins with this word may hold counters. */
  static boolean isMagic(long firstWord) {
    return Integer.reverseBytes((int) firstWord) == MAGIC;
  }

  /** Bytes that are used of the memory that begins with these words; 0 where it holds none. */
  static int usedBytes(long firstWord, long secondWord) {
    int used = (int) secondWord;
    return isMagic(firstWord) && used >= HEADER_BYTES && used <= BYTES_MAX ? used : 0;
  }

  /** Reads them; {@link #NONE} where there are none. */
  static PerfCounters of(ByteBuffer bytes) {
    ByteBuffer memory = bytes.duplicate().order(ByteOrder.BIG_ENDIAN);
    if (memory.limit() < HEADER_BYTES || memory.getInt(0) != MAGIC) {
      return NONE;
    }
    memory.order(memory.get(4) == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    if (memory.get(5) != 2) {
      return NONE;
    }
    PerfCounters counters = new PerfCounters(new HashMap<>(), new HashMap<>());
    int at = memory.getInt(24);
    int count = Math.min(memory.getInt(28), ENTRIES_MAX);
    for (int i = 0; i < count && at >= HEADER_BYTES && at <= memory.limit() - ENTRY_BYTES; i++) {
      int bytesOfEntry = memory.getInt(at);
      if (bytesOfEntry < ENTRY_BYTES || bytesOfEntry > memory.limit() - at) {
        break;
      }
      counters.add(memory, at, bytesOfEntry);
      at += bytesOfEntry;
    }
    return counters;
  }

  private void add(ByteBuffer memory, int at, int bytes) {
    String name = text(memory, at, bytes, memory.getInt(at + 4), TEXT_BYTES_MAX);
    int length = memory.getInt(at + 8);
    int data = memory.getInt(at + 16);
    if (name.isEmpty() || data < ENTRY_BYTES) {
      return;
    }
    if (length == 0 && memory.get(at + 12) == 'J' && data <= bytes - Long.BYTES) {
      numbers.put(name, memory.getLong(at + data));
    } else if (length > 0 && memory.get(at + 12) == 'B') {
      texts.put(name, text(memory, at, bytes, data, Math.min(length, TEXT_BYTES_MAX)));
    }
  }

  /** A text within an entry, up to a zero byte. */
  private static String text(ByteBuffer memory, int at, int bytes, int offset, int bytesMax) {
    if (offset < ENTRY_BYTES || offset >= bytes) {
      return "";
    }
    int most = Math.min(bytesMax, bytes - offset);
    int length = 0;
    while (length < most && memory.get(at + offset + length) != 0) {
      length++;
    }
    byte[] text = new byte[length];
    memory.get(at + offset, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  boolean isEmpty() {
    return numbers.isEmpty();
  }

  /** A number, -1 where it is not there or negative. */
  long number(String name) {
    return Math.max(-1, numbers.getOrDefault(name, -1L));
  }

  /** The sum of those numbers that are there, -1 where none is. */
  long sum(String... names) {
    long sum = -1;
    for (String name : names) {
      long number = number(name);
      sum = number < 0 ? sum : Math.max(0, sum) + number;
    }
    return sum;
  }

  /** A text, {@code ""} where it is not there. */
  String text(String name) {
    return texts.getOrDefault(name, "");
  }
}
