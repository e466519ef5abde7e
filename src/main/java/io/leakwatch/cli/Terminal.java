package io.leakwatch.cli;

import io.leakwatch.text.ForeignText;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The terminal of a command: colours and progress lines only where a person watches. Results go to
 * standard output; progress goes to standard error, and only when that is a terminal.
 */
public final class Terminal {
  private static final int PROGRESS_CHARACTERS_MAX = 200;

  private final PrintStream out;
  private final PrintStream err;
  private final boolean colours;
  private final boolean progress;
  private final boolean interactive;
  private int progressWidth;

  private Terminal(
      PrintStream out, PrintStream err, boolean colours, boolean progress, boolean interactive) {
    this.interactive = interactive;
    this.out = out;
    this.err = err;
    this.colours = colours;
    this.progress = progress;
  }

  /** The terminal of this process. {@code NO_COLOR} (no-color.org) and a dumb TERM are honoured. */
  public static Terminal ofThisProcess() {
    boolean dumb = "dumb".equals(System.getenv("TERM"));
    boolean interactive = isTerminal(1) && !dumb;
    boolean colours = interactive && System.getenv("NO_COLOR") == null;
    return new Terminal(
        utf8(System.out), utf8(System.err), colours, isTerminal(2) && !dumb, interactive);
  }

  /** JSON is UTF-8 whatever the locale says, and names of processes know no locale. */
  private static PrintStream utf8(PrintStream stream) {
    return new PrintStream(stream, true, StandardCharsets.UTF_8);
  }

  private static boolean isTerminal(int descriptor) {
    try {
      String device = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return device.startsWith("/dev/pts/")
          || device.startsWith("/dev/tty")
          || device.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  public boolean hasColours() {
    return colours;
  }

  /** Whether pictures may be drawn with block characters: a terminal with colours, in UTF-8. */
  public boolean hasBlocks() {
    return colours && isUtf8(System.getenv());
  }

  /**
   * Whether the locale's characters are UTF-8: the first of these that is set tells (locale(7)).
   */
  static boolean isUtf8(Map<String, String> environment) {
    for (String variable : List.of("LC_ALL", "LC_CTYPE", "LANG")) {
      String locale = environment.getOrDefault(variable, "");
      if (!locale.isEmpty()) {
        return locale.toLowerCase(Locale.ROOT).replace("-", "").contains("utf8");
      }
    }
    return false;
  }

  /** Whether standard output is a terminal on which can be drawn. */
  public boolean isInteractive() {
    return interactive;
  }

  public PrintStream out() {
    return out;
  }

  public PrintStream err() {
    return err;
  }

  /** Replaces the progress line; nothing where nobody watches. */
  public void progress(String text) {
    if (progress) {
      String line = ForeignText.harmless(text, PROGRESS_CHARACTERS_MAX);
      String padded = String.format(Locale.ROOT, "%-" + Math.max(1, progressWidth) + "s", line);
      err.print("\r" + padded);
      err.flush();
      progressWidth = line.length();
    }
  }

  /** Wipes the progress line. */
  public void progressDone() {
    if (progress && progressWidth > 0) {
      err.print("\r" + " ".repeat(progressWidth) + "\r");
      err.flush();
      progressWidth = 0;
    }
  }
}
