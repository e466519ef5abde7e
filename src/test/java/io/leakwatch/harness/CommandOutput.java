package io.leakwatch.harness;

import io.leakwatch.Main;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What commands print that are run within this process; on close the streams are as before. */
public final class CommandOutput implements AutoCloseable {
  private final PrintStream standardOut = System.out;
  private final PrintStream standardErr = System.err;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  public CommandOutput() {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  /**
   * Runs a command and returns its exit status.
   *
   * @param words of the command, before its arguments
   */
  public int execute(List<String> words, Object... arguments) {
    List<String> all = new ArrayList<>(words);
    for (Object argument : arguments) {
      all.add(argument.toString());
    }
    return Main.execute(all.toArray(String[]::new));
  }

  /** Forgets what was printed. */
  public void reset() {
    out.reset();
    err.reset();
  }

  public String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  public String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    System.setOut(standardOut);
    System.setErr(standardErr);
  }
}
