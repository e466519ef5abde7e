package io.leakwatch.proc;

import io.leakwatch.proc.memory.MappingTable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The files of a process. What is opened is a regular file, and opening it waits for nobody. Names
 * are those that the process has for them.
 */
public interface TargetFiles {
  /**
   * The executable, whatever became of its path.
   *
   * @throws IOException when it may not be read
   */
  FileChannel exe() throws IOException;

  /**
   * What the file system says of the executable, to tell one state of the file from another.
   *
   * @throws IOException when it may not be read
   */
  BasicFileAttributes exeAttributes() throws IOException;

  /** What the executable is called in the mappings; {@code ""} when that may not be known. */
  String exeName();

  /**
   * A file by its absolute path in the process' eyes.
   *
   * @throws IOException when there is no such regular file, or it may not be read
   */
  FileChannel find(String path) throws IOException;

  /**
   * The file behind a mapping.
   *
   * @throws IOException when it is gone, is no regular file or may not be read
   */
  FileChannel ofMapping(MappingTable table, int mapping) throws IOException;
}
