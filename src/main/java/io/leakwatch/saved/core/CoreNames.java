package io.leakwatch.saved.core;

import io.leakwatch.os.PageSize;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.saved.core.CoreMappings.Row;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Gives the mappings of a core the names that the kernel shows in maps and no core keeps: {@code
 * [heap]}, {@code [stack]}, {@code [vdso]}.
 *
 * <p>The auxiliary vector points at the random bytes on the first stack, at the vdso, and at the
 * executable's program headers. These say where its variables end; brk begins there, or up to 1 GiB
 * behind (arch/x86/kernel/process.c, {@code arch_randomize_brk}), and it is all anonymous memory
 * from there on without a gap. Where it begins right behind the variables the kernel may have made
 * one mapping of both, and calls that one {@code [heap]}, too. A program without a loader that can
 * lie anywhere is put among the libraries; then brk begins where the others are put, at two thirds
 * of the address space (fs/binfmt_elf.c, {@code ELF_ET_DYN_BASE} of x86-64).
 */
final class CoreNames {
  private static final long BRK_DISTANCE_MAX = 1L << 30;
  private static final long PROGRAMS = 0x555555554000L;
  private static final long MMAP_AREA = 0x700000000000L;
  private static final int ELF_HEADER_BYTES = 64;
  private static final int HEADER_BYTES = 56;
  private static final int HEADERS_MAX = 64;
  private static final int PT_LOAD = 1;
  private static final int PT_PHDR = 6;

  private final List<Row> rows;
  private final CoreNotes notes;
  private final CoreMemory memory;
  private final String exe;

  /**
   * Mappings without these names.
   *
   * @param rows in the order of their addresses; those that have such a name are replaced
   */
  CoreNames(List<Row> rows, CoreNotes notes, CoreMemory memory, String exe) {
    this.rows = rows;
    this.notes = notes;
    this.memory = memory;
    this.exe = exe;
  }

  void give() {
    int stack = anonymousWith(stackAddress());
    if (stack >= 0) {
      name(stack, "[stack]");
    }
    int vdso = anonymousWith(notes.auxiliary(CoreNotes.AT_SYSINFO_EHDR));
    if (vdso >= 0) {
      name(vdso, "[vdso]");
    }
    for (int i = vdso - 1; i >= 0 && isBelow(i) && isReadOnly(rows.get(i)); i--) {
      name(i, "[vvar]");
    }
    for (int i = rows.size() - 1; i >= 0 && rows.get(i).start() < 0; i--) {
      name(i, "[vsyscall]");
    }
    nameHeap();
  }

  private void name(int i, String name) {
    rows.set(i, rows.get(i).named(name));
  }

  private long stackAddress() {
    long random = notes.auxiliary(CoreNotes.AT_RANDOM);
    return random != 0
        ? random
        : notes.threads().stream()
            .filter(thread -> thread.tid() == notes.pid())
            .mapToLong(CoreNotes.SavedThread::stackPointer)
            .findFirst()
            .orElse(0);
  }

  private int anonymousWith(long address) {
    for (int i = 0; address > 0 && i < rows.size(); i++) {
      if (rows.get(i).holds(address)) {
        return rows.get(i).isAnonymous() ? i : -1;
      }
    }
    return -1;
  }

  private boolean isBelow(int i) {
    return rows.get(i).end() == rows.get(i + 1).start();
  }

  private static boolean isReadOnly(Row row) {
    return row.isAnonymous() && (row.permissions() & ~MappingTable.READ) == 0;
  }

  private void nameHeap() {
    long behind = variablesEnd();
    long from = behind > MMAP_AREA ? PROGRAMS : behind;
    for (int i = 0; from > 0 && i < rows.size(); i++) {
      Row row = rows.get(i);
      if (row.start() < 0 || row.start() - from > BRK_DISTANCE_MAX) {
        return;
      }
      if (row.end() > from && row.isWritableAnonymous() && row.name().isEmpty()) {
        name(i, "[heap]");
        while (i + 1 < rows.size() && isBelow(i) && rows.get(i + 1).isWritableAnonymous()) {
          name(++i, "[heap]");
        }
        return;
      }
    }
  }

  /** First page behind the executable's variables, 0 when unknown. */
  private long variablesEnd() {
    long told = variablesEndByHeaders();
    if (told > 0) {
      return told + PageSize.BYTES - 1 & -PageSize.BYTES;
    }
    long end = 0;
    for (int i = 0; i < rows.size() && !exe.isEmpty(); i++) {
      Row row = rows.get(i);
      boolean follows = row.start() == end && row.isWritableAnonymous();
      end = row.name().equals(exe) || follows ? row.end() : end;
    }
    return end;
  }

  private long variablesEndByHeaders() {
    long at = notes.auxiliary(CoreNotes.AT_PHDR);
    long count = notes.auxiliary(CoreNotes.AT_PHNUM);
    byte[] held =
        at <= 0 || count <= 0 || count > HEADERS_MAX
            ? null
            : memory.held(at, (int) count * HEADER_BYTES);
    if (held == null) {
      return 0;
    }
    ByteBuffer table = ByteBuffer.wrap(held).order(ByteOrder.LITTLE_ENDIAN);
    long bias = 0;
    boolean isTold = false;
    long end = 0;
    for (int i = 0; i < held.length; i += HEADER_BYTES) {
      long address = table.getLong(i + 16);
      if (table.getInt(i) == PT_PHDR) {
        bias = at - address;
        isTold = true;
      } else if (table.getInt(i) == PT_LOAD) {
        end = Math.max(end, address + table.getLong(i + 40));
        bias = isTold || table.getLong(i + 8) != 0 ? bias : at - ELF_HEADER_BYTES - address;
      }
    }
    return end + bias;
  }
}
