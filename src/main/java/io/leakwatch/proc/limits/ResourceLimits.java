package io.leakwatch.proc.limits;

import io.leakwatch.proc.file.KeyedText;
import io.leakwatch.proc.file.ProcFile;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.memory.ReadBuffers;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The soft resource limits of a process (/proc/PID/limits, getrlimit(2)). A server sets them when
 * it starts; later they hardly ever change. So they are read at every look in its first minutes and
 * where half of one is used, else at every tenth.
 *
 * <p>RLIMIT_NPROC counts all threads of the real user on the node. Counting those would take a read
 * of every process there is, so it is reported as if the process were the only one of its user: the
 * most that it can ever have. The kernel holds it neither against root nor against those with
 * CAP_SYS_RESOURCE or CAP_SYS_ADMIN (kernel/fork.c, {@code copy_process}); a process with such a
 * capability in a user namespace of its own cannot be told from them here, and shows no such limit.
 */
public final class ResourceLimits {
  private static final int LOOKS_PER_READ = 10;
  private static final double YOUNG_SECONDS = 600;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_SYS_RESOURCE = 24;

  private final Path processDirectory;
  private int looks;
  private Soft soft = new Soft(-1, -1, -1, -1);

  /**
   * Soft limits, -1 where unlimited or unknown.
   *
   * @param addressSpaceBytes RLIMIT_AS
   * @param dataBytes RLIMIT_DATA
   * @param descriptors RLIMIT_NOFILE
   * @param threads RLIMIT_NPROC
   */
  record Soft(long addressSpaceBytes, long dataBytes, long descriptors, long threads) {

    /** Whether half of a limit is used. */
    boolean isNear(Status status, long descriptorsUsed) {
      return isNear(addressSpaceBytes, status.space().sizeBytes())
          || isNear(dataBytes, status.space().dataBytes())
          || isNear(descriptors, descriptorsUsed)
          || isNear(threads, status.threads());
    }

    private static boolean isNear(long limit, long used) {
      return limit >= 0 && used >= limit / 2;
    }
  }

  public ResourceLimits(Path processDirectory) {
    this.processDirectory = processDirectory;
  }

  /**
   * The limits.
   *
   * @param ageSeconds of the process, {@code NaN} when unknown
   * @param descriptors that it has open, -1 when unknown
   */
  Soft now(double ageSeconds, Status status, long descriptors, ReadBuffers buffers) {
    if (looks++ % LOOKS_PER_READ == 0
        || ageSeconds < YOUNG_SECONDS
        || soft.isNear(status, descriptors)) {
      soft = read(buffers);
    }
    return soft;
  }

  private Soft read(ReadBuffers buffers) {
    boolean isPrivileged = isPrivileged(text("status", buffers));
    KeyedText limits = text("limits", buffers);
    return new Soft(
        limits.number("Max address space"),
        limits.number("Max data size"),
        limits.number("Max open files"),
        isPrivileged ? -1 : limits.number("Max processes"));
  }

  /** A text that is there until the buffers are used again; what cannot be read is empty. */
  private KeyedText text(String name, ReadBuffers buffers) {
    int length = 0;
    try (ProcFile file = ProcFile.open(processDirectory.resolve(name))) {
      length = file.readRecord(buffers.buffer(), buffers.text());
    } catch (IOException e) {
      length = 0; // What cannot be read is absent.
    }
    return new KeyedText(buffers.text(), length);
  }

  /** Also where the user is not known. */
  private static boolean isPrivileged(KeyedText status) {
    long capabilities = status.mask("CapEff");
    return status.number("Uid") <= 0
        || (capabilities >> CAP_SYS_ADMIN & 1) != 0
        || (capabilities >> CAP_SYS_RESOURCE & 1) != 0;
  }
}
