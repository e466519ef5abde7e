package io.leakwatch.proc.file;

import io.leakwatch.os.Errno;
import io.leakwatch.os.NativeEdge;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * What an error of the kernel means to somebody who reads a process: the only place where errors
 * become outcomes. ENOENT and ESRCH mean that the process is gone, EACCES and EPERM that a
 * permission is missing; anything else is reported in the kernel's words, unless the process has
 * gone.
 */
public final class Refusal {
  public static final String READ_MEMORY = "CAP_SYS_PTRACE";

  private Refusal() {}

  /**
   * Judges an exception.
   *
   * @param file what was opened or read
   * @param processDirectory {@code /proc/PID} of the process it belongs to
   */
  public static <T> Outcome<T> of(IOException e, Path file, Path processDirectory) {
    if (e instanceof AccessDeniedException) {
      return Outcome.denied(file.toString(), missing(processDirectory));
    }
    if (e instanceof NoSuchFileException || e instanceof NotDirectoryException) {
      return Outcome.vanished();
    }
    String message = String.valueOf(e.getMessage());
    if (Errno.isMessageOf(Errno.ESRCH, "No such process", message)
        || !Files.isDirectory(processDirectory)) {
      return Outcome.vanished();
    }
    if (Errno.isMessageOf(Errno.EPERM, "Operation not permitted", message)
        || Errno.isMessageOf(Errno.EACCES, "Permission denied", message)) {
      return Outcome.denied(file.toString(), missing(processDirectory));
    }
    return Outcome.unable(file + " cannot be read: " + message);
  }

  /** What is missing to read a process that refuses itself to us. */
  private static String missing(Path processDirectory) {
    Path root = processDirectory;
    while (root.getParent() != null && !ProcFile.isThere(root.resolve("self"))) {
      root = root.getParent();
    }
    return OwnPermissions.read(root).missingToLook();
  }

  /** Judges an errno of a native call. */
  public static <T> Outcome<T> of(int errno, String what, String missing) {
    return switch (errno) {
      case Errno.ENOENT, Errno.ESRCH -> Outcome.vanished();
      case Errno.EPERM, Errno.EACCES -> Outcome.denied(what, missing);
      case Errno.ENOSYS, Errno.ENOTTY ->
          Outcome.unable(
              what
                  + " is not possible: "
                  + Objects.requireNonNullElse(
                      NativeEdge.problem(), "this kernel does not have the call"));
      default -> Outcome.unable(what + " failed: the kernel answers with errno " + errno);
    };
  }
}
