package io.leakwatch.os;

import com.sun.jna.Native;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether the C library can be called from here. JNA unpacks a shared object into the directory of
 * temporary files and loads it from there, which a {@code noexec} mount forbids; {@code
 * -Djna.tmpdir=DIR} names another directory, {@code -Djna.boot.library.path=DIR} together with
 * {@code -Djna.nounpack=true} an unpacked copy. Where it cannot be loaded, everything that is text
 * in /proc still works, and {@link #problem} says what does not.
 */
public final class NativeEdge {
  private static final Pattern UNPACKED = Pattern.compile("(/.*)/[^/]+: /.*: (.*)");

  private NativeEdge() {}

  /** {@code null} when native calls work, else one line that says why they do not. */
  public static @Nullable String problem() {
    return Loading.PROBLEM;
  }

  public static boolean isAvailable() {
    return Loading.PROBLEM == null;
  }

  /**
   * One line of why the library is not there and what to do.
   *
   * @param message of the loader: {@code FILE: FILE: reason}, where it unpacked the file
   */
  static String problem(String message) {
    Matcher unpacked = UNPACKED.matcher(message);
    String why =
        unpacked.matches()
            ? unpacked.group(2).startsWith("failed to map segment")
                ? unpacked.group(1) + " is mounted noexec"
                : unpacked.group(2)
            : message;
    return "JNA's native library cannot be loaded ("
        + why
        + "): name a directory that may hold programs by -Djna.tmpdir=DIR, or use the package, which"
        + " has it unpacked";
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
        return problem(String.valueOf(cause.getMessage()).lines().findFirst().orElse(""));
      }
    }
  }
}
