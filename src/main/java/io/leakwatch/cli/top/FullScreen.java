package io.leakwatch.cli.top;

import io.leakwatch.os.ControllingTerminal;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The whole terminal taken over and given back: the alternate screen, no cursor, no wrapping of
 * long lines, each key at once. It is given back by {@link #close}, and by the end of the JVM where
 * nothing else has done so.
 */
final class FullScreen implements AutoCloseable {
  private static final String ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l";
  private static final String LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
  private static final String HOME = "\u001b[H";
  private static final String REST_OF_LINE_AWAY = "\u001b[K";
  private static final String REST_OF_SCREEN_AWAY = "\u001b[J";
  private static final int COLUMNS_UNKNOWN = 80;
  private static final int ROWS_UNKNOWN = 24;

  private final ControllingTerminal terminal;
  private final InputStream in;
  private final OutputStream out;
  private final Thread lastResort = new Thread(this::leave, "terminal");
  private boolean entered;

  private FullScreen(ControllingTerminal terminal, InputStream in, OutputStream out) {
    this.terminal = terminal;
    this.in = in;
    this.out = out;
  }

  /** Takes the terminal over; empty where there is none that can be. */
  static Optional<FullScreen> open() {
    Optional<ControllingTerminal> terminal = ControllingTerminal.open();
    if (terminal.isEmpty()) {
      return Optional.empty();
    }
    try {
      FullScreen screen =
          new FullScreen(
              terminal.get(),
              new FileInputStream(ControllingTerminal.PATH),
              new FileOutputStream(ControllingTerminal.PATH));
      Runtime.getRuntime().addShutdownHook(screen.lastResort);
      if (screen.enter()) {
        return Optional.of(screen);
      }
      screen.close();
    } catch (IOException e) {
      terminal.get().close();
    }
    return Optional.empty();
  }

  private synchronized boolean enter() {
    if (!entered && terminal.enterRaw()) {
      entered = true;
      write(ENTER);
    }
    return entered;
  }

  private synchronized void leave() {
    if (entered) {
      entered = false;
      terminal.leaveRaw(); // First: where the terminal takes no output, its settings are back.
      write(LEAVE);
    }
  }

  /** Gives the terminal back, stops the job, and takes it over again when it is continued. */
  void suspend() {
    leave();
    ControllingTerminal.suspendJob();
    enter();
  }

  ControllingTerminal.Size size() {
    ControllingTerminal.Size known = terminal.size();
    return new ControllingTerminal.Size(
        known.columns() > 0 ? known.columns() : COLUMNS_UNKNOWN,
        known.rows() > 0 ? known.rows() : ROWS_UNKNOWN);
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
      return in.read(into);
    } catch (IOException e) {
      return -1;
    }
  }

  /** Puts the settings back whoever else waits for the terminal. */
  void abandon() {
    terminal.leaveRaw();
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
    terminal.close();
    try {
      Runtime.getRuntime().removeShutdownHook(lastResort);
    } catch (IllegalStateException e) {
      return; // The JVM ends already.
    }
    try {
      out.close();
    } catch (IOException e) {
      // There is no reader any more.
    }
  }
}
