package io.leakwatch.program;

import io.leakwatch.text.ForeignText;

/** A command that cannot do what it was asked for, with one line for its user. */
public final class CommandFailure extends RuntimeException {
  public static final int OTHER = 1;
  private static final int USAGE = 2;
  private static final int NO_PROCESS = 3;
  private static final int LINE_CHARACTERS_MAX = 4096;

  private final int exitStatus;

  private CommandFailure(int exitStatus, String line) {
    super(ForeignText.harmless(line, LINE_CHARACTERS_MAX));
    this.exitStatus = exitStatus;
  }

  /** Anything that is none of the others: exit status 1. */
  public static CommandFailure because(String line) {
    return new CommandFailure(OTHER, line);
  }

  /** Wrong usage or configuration: exit status 2. */
  public static CommandFailure usage(String line) {
    return new CommandFailure(USAGE, line);
  }

  /** No such process, or no permission to look: exit status 3. */
  public static CommandFailure noProcess(String line) {
    return new CommandFailure(NO_PROCESS, line);
  }

  public int exitStatus() {
    return exitStatus;
  }
}
