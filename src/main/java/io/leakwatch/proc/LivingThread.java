package io.leakwatch.proc;

import io.leakwatch.proc.file.ProcFile;
import io.leakwatch.proc.file.ProcStat;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds a thread through which the memory of a process can be seen after its main thread has ended.
 *
 * <p>A program may end its main thread and go on with the others (pthread_exit in main). The
 * process is then listed as a zombie, and its own smaps, status and exe are empty, because the
 * kernel asks the main thread for its address space, and that has let go of it. The threads that
 * still run show the same files under {@code task/TID} with all that they hold in common.
 */
final class LivingThread {
  /** A process that ends has only ending threads: so many are read, at the most. */
  private static final int THREADS_MAX = 1024;

  private LivingThread() {}

  /** The directory of a thread that runs, empty when there is none. */
  static Optional<Path> find(Path processDirectory) {
    int looked = 0;
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(processDirectory.resolve("task"))) {
      for (Path thread : threads) {
        if (looked++ == THREADS_MAX) {
          break;
        }
        if (isRunning(thread)) {
          return Optional.of(thread);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return Optional.empty(); // The process went while its threads were listed.
    }
    return Optional.empty();
  }

  private static boolean isRunning(Path thread) {
    try {
      ProcStat stat = ProcStat.parse(ProcFile.text(thread.resolve("stat"), ProcStat.BYTES_MAX));
      return stat != null && !stat.isExiting();
    } catch (IOException e) {
      return false; // This one has just gone; another may run.
    }
  }
}
