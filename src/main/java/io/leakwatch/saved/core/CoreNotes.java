package io.leakwatch.saved.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the notes of a core file say of its process: who it was, its threads with their registers,
 * which files it had mapped where, and the auxiliary vector (linux/elfcore.h, linux/auxvec.h). What
 * they do not say stays unknown: pid 0, empty texts, no threads.
 */
final class CoreNotes {
  /** Where the kernel put the 16 random bytes of this run of the program, on the first stack. */
  static final long AT_RANDOM = 25;

  static final long AT_PHDR = 3;
  static final long AT_PHNUM = 5;
  static final long AT_PAGESZ = 6;
  static final long AT_ENTRY = 9;
  static final long AT_SYSINFO_EHDR = 33;

  private static final int NT_PRSTATUS = 1;
  private static final int NT_PRPSINFO = 3;
  private static final int NT_AUXV = 6;
  private static final int NT_FILE = 0x46494c45;
  private static final int CORE = 0x45524f43;

  private static final int HEADER_BYTES = 12;
  private static final int NOTES_MAX = 1 << 20;
  private static final int THREADS_MAX = 1 << 17;
  private static final int FILES_BYTES_MAX = 16 << 20;
  private static final int AUXV_BYTES_MAX = 4096;
  private static final int STATUS_BYTES_MAX = 4096;
  private static final int REGISTERS_AT = 112;
  private static final int X86_64_REGISTERS = 27;
  private static final int X86_64_INSTRUCTION_POINTER = 16;
  private static final int X86_64_STACK_POINTER = 19;
  private static final int X86_64_GENERAL = 15;
  private static final int AARCH64_REGISTERS = 34;
  private static final int AARCH64_STACK_POINTER = 31;

  /**
   * A thread.
   *
   * @param registers the general ones, without the stack pointer
   */
  record SavedThread(int tid, long stackPointer, long programCounter, List<Long> registers) {}

  /** A range of addresses at which a file was mapped. */
  record MappedFile(long start, long end, long offset, String name) {}

  private final List<SavedThread> threads = new ArrayList<>();
  private final List<MappedFile> files = new ArrayList<>();
  private final Map<Long, Long> auxiliary = new HashMap<>();
  private int pid;
  private long uid = -1;
  private String comm = "";
  private String arguments = "";
  private boolean cut;

  /** Reads one segment of notes. */
  void read(CoreFile core, long from, long count) throws IOException {
    long at = from;
    long left = count;
    for (int i = 0; i < NOTES_MAX && left >= HEADER_BYTES; i++) {
      ByteBuffer header = core.bytes(at, HEADER_BYTES + 8);
      if (header.limit() < HEADER_BYTES) {
        cut = true;
        return;
      }
      long nameBytes = Integer.toUnsignedLong(header.getInt(0));
      long bytes = Integer.toUnsignedLong(header.getInt(4));
      long body = HEADER_BYTES + (nameBytes + 3 & -4L);
      long whole = body + (bytes + 3 & -4L);
      if (whole > left + 3) {
        return; // A note that lies about its length: nothing behind it can be found.
      }
      boolean isCore = nameBytes >= 4 && header.limit() >= 16 && header.getInt(12) == CORE;
      if (isCore) {
        take(header.getInt(8), core, at + body, bytes);
      }
      at += whole;
      left -= whole;
    }
  }

  private void take(int kind, CoreFile core, long at, long bytes) throws IOException {
    switch (kind) {
      case NT_PRSTATUS -> thread(core.bytes(at, Math.min(bytes, STATUS_BYTES_MAX)));
      case NT_PRPSINFO -> process(core.bytes(at, Math.min(bytes, STATUS_BYTES_MAX)));
      case NT_AUXV -> auxiliary(core.bytes(at, Math.min(bytes, AUXV_BYTES_MAX)));
      case NT_FILE -> files(core.bytes(at, Math.min(bytes, FILES_BYTES_MAX)));
      default -> {}
    }
  }

  private void thread(ByteBuffer status) {
    int count = (status.limit() - REGISTERS_AT) / 8;
    boolean isX86 = count >= X86_64_REGISTERS && count < AARCH64_REGISTERS;
    if (count < X86_64_REGISTERS || threads.size() == THREADS_MAX) {
      return;
    }
    List<Long> registers = new ArrayList<>();
    for (int i = 0; i < (isX86 ? X86_64_GENERAL : AARCH64_STACK_POINTER); i++) {
      registers.add(register(status, i));
    }
    int sp = isX86 ? X86_64_STACK_POINTER : AARCH64_STACK_POINTER;
    int pc = isX86 ? X86_64_INSTRUCTION_POINTER : AARCH64_STACK_POINTER + 1;
    threads.add(
        new SavedThread(
            status.getInt(32), register(status, sp), register(status, pc), List.copyOf(registers)));
  }

  private static long register(ByteBuffer status, int number) {
    return status.getLong(REGISTERS_AT + 8 * number);
  }

  private void process(ByteBuffer info) {
    if (info.limit() >= 136) {
      uid = Integer.toUnsignedLong(info.getInt(16));
      pid = Math.max(0, info.getInt(24));
      comm = text(info, 40, 16);
      arguments = text(info, 56, 80).strip();
    }
  }

  private void auxiliary(ByteBuffer vector) {
    while (vector.remaining() >= 16) {
      long key = vector.getLong();
      auxiliary.putIfAbsent(key, vector.getLong());
    }
  }

  private void files(ByteBuffer table) {
    if (table.remaining() < 16) {
      return;
    }
    long count = table.getLong();
    long pageBytes = table.getLong();
    if (count < 0 || count > table.remaining() / 24 || pageBytes <= 0) {
      return;
    }
    int names = (int) (16 + 24 * count);
    for (int i = 0; i < count && names < table.limit(); i++) {
      long start = table.getLong(16 + 24 * i);
      long end = table.getLong(24 + 24 * i);
      long offset = table.getLong(32 + 24 * i) * pageBytes;
      String name = text(table, names, table.limit() - names);
      int next = names;
      while (next < table.limit() && table.get(next) != 0) {
        next++;
      }
      names = next + 1;
      if (start > 0 && end > start && offset >= 0) {
        files.add(new MappedFile(start, end, offset, name));
      }
    }
  }

  /** Up to a zero byte. */
  private static String text(ByteBuffer from, int at, int bytesMax) {
    int end = at;
    int stop = Math.min(from.limit(), at + bytesMax);
    while (end < stop && from.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - at];
    from.get(at, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  int pid() {
    return pid;
  }

  /** Who it ran as, -1 when unknown. */
  long uid() {
    return uid;
  }

  /** What the kernel calls it, at most 15 bytes. */
  String comm() {
    return comm;
  }

  /** The first 80 bytes of its command line, joined by blanks. */
  String arguments() {
    return arguments;
  }

  List<SavedThread> threads() {
    return threads;
  }

  List<MappedFile> files() {
    return files;
  }

  /** A value of the auxiliary vector, 0 where there is none. */
  long auxiliary(long key) {
    return auxiliary.getOrDefault(key, 0L);
  }

  /** Whether the file ends in the middle of them. */
  boolean isCut() {
    return cut;
  }
}
