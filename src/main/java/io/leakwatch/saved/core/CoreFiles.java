package io.leakwatch.saved.core;

import io.leakwatch.os.PageSize;
import io.leakwatch.os.RootedFile;
import io.leakwatch.proc.TargetFiles;
import io.leakwatch.proc.file.PrintedPath;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.saved.core.CoreNotes.MappedFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * The files that the process of a core had mapped, as this machine has them. A core holds the first
 * page of most of them (bit 4 of coredump_filter), with the build id in it: where it does, a file
 * of the same name is used only if it begins alike. Which are other files is noted.
 */
final class CoreFiles implements TargetFiles {
  private static final Path ROOT = Path.of("/");
  private static final int NAMED_MAX = 20;

  private final CoreMemory memory;
  private final Map<String, Long> firstPages = new HashMap<>();
  private final Map<String, Boolean> verified = new HashMap<>();
  private final TreeSet<String> different = new TreeSet<>();
  private final String exe;

  /**
   * Files of a core.
   *
   * @param exe what the executable is called in it, {@code ""} when unknown
   */
  CoreFiles(List<MappedFile> files, CoreMemory memory, String exe) {
    this.memory = memory;
    this.exe = exe;
    for (MappedFile file : files) {
      if (file.offset() == 0) {
        firstPages.putIfAbsent(file.name(), file.start());
      }
    }
  }

  @Override
  public FileChannel exe() throws IOException {
    return open(exe);
  }

  @Override
  public BasicFileAttributes exeAttributes() throws IOException {
    return RootedFile.attributes(ROOT, PrintedPath.of(exe).path());
  }

  @Override
  public String exeName() {
    return exe;
  }

  @Override
  public FileChannel find(String path) throws IOException {
    return RootedFile.open(ROOT, path);
  }

  @Override
  public FileChannel ofMapping(MappingTable table, int mapping) throws IOException {
    return open(table.name(mapping));
  }

  /**
   * Opens a file by the name that the core has for it.
   *
   * @throws IOException also where this machine has another one under that name
   */
  FileChannel open(String name) throws IOException {
    if (!name.startsWith("/")) {
      throw new NoSuchFileException(name, null, "not the name of a file");
    }
    PrintedPath printed = PrintedPath.of(name);
    FileChannel file = RootedFile.open(ROOT, printed.path());
    boolean kept = false;
    try {
      Boolean known = verified.get(name);
      if (known == null) {
        known = isTheSame(name, printed, file);
        verified.put(name, known);
      }
      if (!known) {
        different.add(printed.path());
        throw new NoSuchFileException(name, null, "differs from the file that the process had");
      }
      kept = true;
      return file;
    } finally {
      if (!kept) {
        file.close();
      }
    }
  }

  private boolean isTheSame(String name, PrintedPath printed, FileChannel file) throws IOException {
    Long at = firstPages.get(name);
    int count = (int) Math.min(PageSize.BYTES, file.size());
    byte[] held = at == null ? null : memory.held(at, count);
    if (held == null) {
      return !printed.deleted();
    }
    ByteBuffer here = ByteBuffer.allocate(count);
    while (here.hasRemaining() && file.read(here, here.position()) > 0) {}
    return Arrays.equals(held, here.array());
  }

  /** What of them could not be used, in words. */
  List<String> notes() {
    return different.stream()
        .limit(NAMED_MAX)
        .map(path -> path + " differs from the file that the process had: it is not used")
        .toList();
  }
}
