package io.leakwatch.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The terminal that this process was started from (tty(4)): its size, and its settings, which are
 * taken to "every key at once, none echoed" and back (termios(3), the kernel's {@code struct
 * termios} of asm-generic). Signs for signals are off as well, so that Ctrl-C and Ctrl-Z arrive as
 * keys and nothing ends or stops the process before the settings are back.
 */
public final class ControllingTerminal implements AutoCloseable {
  public static final String PATH = "/dev/tty";

  private static final int O_RDWR = 2;
  private static final int O_NOCTTY = 0400;
  private static final int TCGETS = 0x5401;
  private static final int TCSETS = 0x5402;
  private static final int TIOCGWINSZ = 0x5413;
  private static final int SIGTSTP = 20;

  private static final int TERMIOS_BYTES = 36;
  private static final int AT_INPUT_FLAGS = 0;
  private static final int AT_LOCAL_FLAGS = 12;
  private static final int AT_TIME = 17 + 5;
  private static final int AT_MINIMUM = 17 + 6;
  private static final int BRKINT_ISTRIP_INLCR_IGNCR_ICRNL_IXON =
      02 | 040 | 0100 | 0200 | 0400 | 02000;
  private static final int ISIG_ICANON_ECHO_IEXTEN = 01 | 02 | 010 | 0100000;

  private final int descriptor;
  private final ByteBuffer settings = memory(TERMIOS_BYTES);
  private final ByteBuffer size = memory(8);
  private boolean raw;
  private boolean closed;

  private ControllingTerminal(int descriptor) {
    this.descriptor = descriptor;
  }

  private static ByteBuffer memory(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /**
   * In characters.
   *
   * @param columns 0 where the terminal does not know
   * @param rows likewise
   */
  public record Size(int columns, int rows) {}

  /** Opens it; empty where there is none, or where native calls do not work. */
  public static Optional<ControllingTerminal> open() {
    if (!NativeEdge.isAvailable()) {
      return Optional.empty();
    }
    int descriptor = LibC.open(PATH, O_RDWR | O_NOCTTY | LibC.O_CLOEXEC);
    return descriptor < 0 ? Optional.empty() : Optional.of(new ControllingTerminal(descriptor));
  }

  public synchronized Size size() {
    boolean known = !closed && call(TIOCGWINSZ, size);
    return known
        ? new Size(Short.toUnsignedInt(size.getShort(2)), Short.toUnsignedInt(size.getShort(0)))
        : new Size(0, 0);
  }

  /** Keeps the settings, then changes them; false where that is refused, and nothing is changed. */
  public synchronized boolean enterRaw() {
    if (raw) {
      return true;
    }
    if (closed || !call(TCGETS, settings)) {
      return false;
    }
    ByteBuffer changed = memory(TERMIOS_BYTES).put(settings.duplicate().rewind());
    clear(changed, AT_INPUT_FLAGS, BRKINT_ISTRIP_INLCR_IGNCR_ICRNL_IXON);
    clear(changed, AT_LOCAL_FLAGS, ISIG_ICANON_ECHO_IEXTEN);
    changed.put(AT_TIME, (byte) 0).put(AT_MINIMUM, (byte) 1);
    raw = call(TCSETS, changed);
    return raw;
  }

  private static void clear(ByteBuffer termios, int at, int flags) {
    termios.putInt(at, termios.getInt(at) & ~flags);
  }

  /** Puts the kept settings back. Does not wait for anything; may be called twice. */
  public synchronized void leaveRaw() {
    if (raw && !closed) {
      raw = !call(TCSETS, settings);
    }
  }

  /** Stops this process and those of its job, as Ctrl-Z does; returns when it is continued. */
  public static void suspendJob() {
    if (NativeEdge.isAvailable()) {
      LibC.kill(0, SIGTSTP);
    }
  }

  private boolean call(int request, ByteBuffer argument) {
    return LibC.ioctl(descriptor, request, RemoteMemory.addressOf(argument)) == 0;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      leaveRaw();
      closed = true;
      LibC.close(descriptor);
    }
  }
}
