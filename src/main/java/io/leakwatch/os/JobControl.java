package io.leakwatch.os;

/** What a shell's job control does to this process and those of its job (setpgid(2)). */
public final class JobControl {
  private static final int SIGTSTP = 20;

  private JobControl() {}

  /** Stops them, as Ctrl-Z does; returns when they are continued. */
  public static void suspend() {
    if (NativeEdge.isAvailable()) {
      LibC.kill(0, SIGTSTP);
    }
  }
}
