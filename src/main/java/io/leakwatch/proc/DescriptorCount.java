package io.leakwatch.proc;

import io.leakwatch.proc.file.Status;
import io.leakwatch.time.SystemTime;
import io.leakwatch.time.Time;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * How many descriptors a process has open.
 *
 * <p>Since Linux 6.2 stat(2) of /proc/PID/fd gives it as the directory's size (fs/proc/fd.c, {@code
 * proc_fd_getattr}), without taking a lock or needing a permission: 5 µs however many there are. An
 * older kernel says 0; there the directory is listed, which needs the right to trace the process
 * and costs 2 µs for each descriptor, so it is done for a small share of the time and not for more
 * than a bounded number. FDSize of the status is no substitute: it is the size of a table that is
 * doubled when it is full and never shrinks.
 */
final class DescriptorCount {
  static final int LISTED_MAX = 1 << 16;

  /** A listing is due again when so many times its own time have passed. */
  private static final int REST_TIMES = 2_000;

  private final Path directory;
  private long listingDueNanos;
  private boolean listed;

  DescriptorCount(Path processDirectory) {
    this.directory = processDirectory.resolve("fd");
  }

  /** The number where the kernel just says it, else {@link Status#ABSENT}. */
  long told() {
    try {
      long size = Files.readAttributes(directory, BasicFileAttributes.class).size();
      return size > 0 ? size : Status.ABSENT;
    } catch (IOException e) {
      return Status.ABSENT; // The process has gone, or hides from us.
    }
  }

  /**
   * The number, {@link Status#ABSENT} where it may not be known, is too large to be listed, or was
   * listed a short time ago.
   *
   * @param nowNanos in {@link Time#nanos}
   */
  long now(long nowNanos) {
    long told = told();
    if (told != Status.ABSENT || (listed && nowNanos - listingDueNanos < 0)) {
      return told;
    }
    long count = list();
    long end = SystemTime.TIME.nanos();
    listingDueNanos = end + (end - nowNanos) * REST_TIMES;
    listed = true;
    return count;
  }

  private long list() {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      long count = 0;
      for (Path entry : entries) {
        if (count++ == LISTED_MAX) {
          return Status.ABSENT;
        }
        assert entry != null;
      }
      return count;
    } catch (IOException | DirectoryIteratorException e) {
      return Status.ABSENT; // Refused: absent, not 0.
    }
  }
}
