package io.leakwatch.cli;

import io.leakwatch.text.ForeignText;
import io.leakwatch.text.Quantity;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The end of the process when something that nobody caught ends any of its threads: one line, then
 * status 1. A daemon that goes on without its walker, its alerts or its listener looks alive to its
 * supervisor and does not do its work; started again, it goes on from its history.
 */
public final class FatalErrors implements Thread.UncaughtExceptionHandler {
  private static final int STATUS = 1;
  private static final int FRAMES_MAX = 6;
  private static final int TEXT_CHARACTERS_MAX = 2048;

  /** Made before memory is short. */
  private final FileOutputStream standardError = new FileOutputStream(FileDescriptor.err);

  private final byte[] outOfMemory =
      bytes(
          "leakwatch: out of memory, exiting: a heap of "
              + Quantity.size(Runtime.getRuntime().maxMemory())
              + " is too small; `leakwatch check` shows what this configuration needs");

  private FatalErrors() {}

  /** Takes over all threads that have no handler of their own. */
  public static void install() {
    Thread.setDefaultUncaughtExceptionHandler(new FatalErrors());
  }

  /** What went wrong and where, in one line. */
  public static String line(Throwable fault) {
    String frames =
        Arrays.stream(fault.getStackTrace())
            .limit(FRAMES_MAX)
            .map(
                frame ->
                    frame.getClassName().replaceFirst(".*\\.", "")
                        + "."
                        + frame.getMethodName()
                        + ":"
                        + frame.getLineNumber())
            .collect(Collectors.joining(" < "));
    String text =
        ForeignText.harmless(fault.toString().replaceAll("\\s+", " "), TEXT_CHARACTERS_MAX);
    return String.format(Locale.ROOT, "internal error: %s (%s)", text, frames);
  }

  @Override
  public void uncaughtException(Thread thread, Throwable fault) {
    try {
      if (fault instanceof OutOfMemoryError) {
        write(outOfMemory);
      } else {
        write(bytes("leakwatch: exiting, thread " + thread.getName() + ": " + line(fault)));
      }
    } finally {
      Runtime.getRuntime().halt(STATUS);
    }
  }

  private static byte[] bytes(String line) {
    return (line + "\n").getBytes(StandardCharsets.UTF_8);
  }

  private void write(byte[] line) {
    try {
      standardError.write(line);
    } catch (IOException e) {
      assert e != null; // Nobody reads what is said any more.
    }
  }
}
