package io.leakwatch.os;

import com.sun.jna.Native;
import org.jspecify.annotations.Nullable;

/**
 * Whether the C library can be called from here. JNA unpacks a shared object into the directory of
 * temporary files and loads it from there, which a {@code noexec} mount forbids; {@code
 * -Djna.tmpdir=DIR} names another directory, {@code -Djna.boot.library.path=DIR} together with
 * {@code -Djna.nounpack=true} an unpacked copy. Where it cannot be loaded, everything that is text
 * in /proc still works, and {@link #problem} says what does not.
 */
public final class NativeEdge {
  private NativeEdge() {}

  /** {@code null} when native calls work, else one line that says why they do not. */
  public static @Nullable String problem() {
    return Loading.PROBLEM;
  }

  public static boolean isAvailable() {
    return Loading.PROBLEM == null;
  }

  /** The errno of the calling thread's last native call. */
  static int errno() {
    return Native.getLastError();
  }

  private static final class Loading {
    static final @Nullable String PROBLEM = load();

    private static @Nullable String load() {
      try {
        LibC.load();
        return null;
      } catch (LinkageError e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
          cause = cause.getCause();
        }
        String message = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        return "JNA cannot load its native part ("
            + message
            + "); name a directory that may hold programs by -Djna.tmpdir=DIR";
      }
    }
  }
}
