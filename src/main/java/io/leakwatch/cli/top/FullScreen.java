package io.leakwatch.cli.top;

import io.leakwatch.os.JobControl;
import java.io.IOError;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.NonBlockingReader;
import org.jspecify.annotations.Nullable;

/**
 * The whole terminal taken over and given back: the alternate screen, no cursor, no wrapping of
 * long lines, each key at once. It is given back by {@link #close}, and by the end of the JVM where
 * nothing else has done so.
 *
 * <p>JLine knows the terminal by {@code stty(1)}: that needs no native library, which a system may
 * forbid to load, and is asked when the view begins, when it ends and when the window changes.
 */
final class FullScreen implements AutoCloseable {
  private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
  private static final String LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
  private static final String HOME = "\u001b[H";
  private static final String REST_OF_LINE_AWAY = "\u001b[K";
  private static final String REST_OF_SCREEN_AWAY = "\u001b[J";
  private static final Size UNKNOWN = new Size(80, 24);

  /** A key's sequence comes in one piece; so long may its bytes take from the pump to here. */
  private static final long PIECE_MILLIS = 20;

  private final Terminal terminal;
  private final OutputStream out;
  private final Thread lastResort = new Thread(this::leave, "terminal");
  private final Attributes before;
  private Size size;
  private boolean entered;

  private FullScreen(Terminal terminal) {
    this.terminal = terminal;
    this.out = terminal.output();
    this.before = terminal.getAttributes();
    this.size = measured();
  }

  /** Takes the terminal over; empty where there is none that can be. */
  static Optional<FullScreen> open() {
    Terminal terminal = system();
    if (terminal == null) {
      return Optional.empty();
    }
    FullScreen screen = new FullScreen(terminal);
    Runtime.getRuntime().addShutdownHook(screen.lastResort);
    if (screen.enter()) {
      return Optional.of(screen);
    }
    screen.close();
    return Optional.empty();
  }

  /** Columns of this process' terminal, 0 where there is none. */
  static int columns() {
    try (Terminal terminal = system()) {
      return terminal == null ? 0 : terminal.getSize().getColumns();
    } catch (IOException | IOError e) {
      return 0;
    }
  }

  private static @Nullable Terminal system() {
    try {
      return TerminalBuilder.builder()
          .system(true)
          .providers(TerminalBuilder.PROP_PROVIDER_EXEC)
          .dumb(false)
          .nativeSignals(false)
          .build();
    } catch (IOException | IllegalStateException | IOError e) {
      return null;
    }
  }

  /** Signs for signals are off as well, so that Ctrl-C and Ctrl-Z arrive as keys. */
  private synchronized boolean enter() {
    if (!entered) {
      try {
        terminal.enterRawMode();
        Attributes raw = terminal.getAttributes();
        raw.setLocalFlag(Attributes.LocalFlag.ISIG, false);
        terminal.setAttributes(raw);
      } catch (IOError e) {
        return false;
      }
      entered = true;
      write(ENTER);
    }
    return entered;
  }

  private synchronized void leave() {
    if (entered) {
      entered = false;
      abandon(); // First: where the terminal takes no output, its settings are back.
      write(LEAVE);
    }
  }

  /** Gives the terminal back, stops the job, and takes it over again when it is continued. */
  void suspend() {
    leave();
    JobControl.suspend();
    enter();
  }

  /** In characters, as of the last {@link #resized}. */
  synchronized Size size() {
    return size;
  }

  /** Asks for the size again. */
  synchronized void resized() {
    size = measured();
  }

  private Size measured() {
    try {
      Size known = terminal.getSize();
      return known.getColumns() > 0 && known.getRows() > 0 ? known : UNKNOWN;
    } catch (IOError e) {
      return UNKNOWN;
    }
  }

  /**
   * Shows these lines and nothing else; they fit. What was there before goes away line by line, in
   * front of the new text: behind a line that fills its row, the cursor is still on the row's last
   * character and would take that away.
   */
  synchronized void show(List<String> lines) {
    if (entered) {
      StringBuilder text = new StringBuilder(HOME);
      for (int i = 0; i < lines.size(); i++) {
        boolean last = i == lines.size() - 1;
        text.append(last ? REST_OF_SCREEN_AWAY : REST_OF_LINE_AWAY).append(lines.get(i));
        text.append(last ? "" : "\r\n");
      }
      write(text.toString());
    }
  }

  /** Wipes all, so that what others have written there does not stay. */
  synchronized void wipe() {
    write(HOME + REST_OF_SCREEN_AWAY);
  }

  /** Waits for keys; -1 when the terminal is gone. */
  int read(byte[] into) {
    try {
      NonBlockingReader keys = terminal.reader();
      int count = 0;
      int key = keys.read();
      while (key >= 0) {
        into[count++] = (byte) key;
        boolean isMore = count < into.length && keys.peek(PIECE_MILLIS) >= 0;
        key = isMore ? keys.read() : -1;
      }
      return count == 0 ? -1 : count;
    } catch (IOException | IOError e) {
      return -1;
    }
  }

  /** Puts the settings back whoever else waits for the terminal. */
  void abandon() {
    try {
      terminal.setAttributes(before);
    } catch (IOError e) {
      // The terminal is gone, and its settings with it.
    }
  }

  private void write(String text) {
    try {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      // The terminal is gone: its end is reported to its reader.
    }
  }

  @Override
  public void close() {
    leave();
    try {
      Runtime.getRuntime().removeShutdownHook(lastResort);
      terminal.close();
    } catch (IllegalStateException e) {
      // The JVM ends already.
    } catch (IOException | IOError e) {
      // There is no reader any more.
    }
  }
}
