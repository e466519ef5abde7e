package io.leakwatch.elf;

import io.leakwatch.proc.TargetFiles;
import io.leakwatch.proc.memory.MappingTable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * How much memory below each thread's control block the thread-local variables of the executable
 * and of the libraries take (the ELF TLS ABI's variant II, x86-64): the sum of their {@code PT_TLS}
 * segments, each aligned. Libraries loaded later keep theirs elsewhere, so it is an upper bound.
 */
public final class StaticTls {
  private static final int PT_TLS = 7;
  private static final long ALIGNMENT = 64;
  private static final long BYTES_MAX = 1 << 20;
  private static final int FILES_MAX = 512;

  private StaticTls() {}

  /** Adds up over the files that have code in the process. */
  public static long bytes(MappingTable table, TargetFiles files) {
    String exe = files.exeName();
    Set<String> seen = new HashSet<>();
    long sum = 0;
    for (int i = 0; i < table.size() && seen.size() < FILES_MAX; i++) {
      String name = table.name(i);
      if (table.isExecutable(i) && name.startsWith("/") && seen.add(name)) {
        sum += name.equals(exe) ? bytes(files::exe) : bytes(files, table, i);
      }
    }
    return Math.min(sum, BYTES_MAX);
  }

  private static long bytes(TargetFiles files, MappingTable table, int i) {
    return bytes(() -> files.ofMapping(table, i));
  }

  private interface Opening {
    FileChannel open() throws IOException;
  }

  private static long bytes(Opening opening) {
    try {
      Optional<ElfImage> opened = ElfImage.open(opening.open());
      if (opened.isEmpty()) {
        return 0;
      }
      try (ElfImage image = opened.get()) {
        return image.segments().stream()
            .filter(segment -> segment.type() == PT_TLS)
            .mapToLong(segment -> Math.min(segment.memoryBytes(), BYTES_MAX))
            .map(bytes -> bytes + ALIGNMENT - 1 & -ALIGNMENT)
            .sum();
      }
    } catch (IOException e) {
      return 0; // Deleted or not ours to read: then its variables count as the stack's.
    }
  }
}
