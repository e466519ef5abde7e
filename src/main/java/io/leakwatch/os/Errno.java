package io.leakwatch.os;

/**
 * The error numbers of Linux that a reading of a process can end with (asm-generic/errno-base.h).
 */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EFAULT = 14;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENOTTY = 25;
  public static final int ENOSYS = 38;
  public static final int ELOOP = 40;

  private Errno() {}

  /**
   * Whether a message that Java made of a failed call is that of an errno. Java keeps the text
   * alone, in the language of this process' locale, so the C library is asked for the same text.
   *
   * @param english the text where the C library cannot be asked
   */
  public static boolean isMessageOf(int errno, String english, String message) {
    return message.endsWith(english)
        || (NativeEdge.isAvailable() && message.endsWith(LibC.strerror(errno)));
  }
}
