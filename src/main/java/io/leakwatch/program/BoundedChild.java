package io.leakwatch.program;

import java.io.IOException;
import java.util.List;

/**
 * This program again, as a child with a heap of a known size. The diagnosis needs more than the
 * daemon's few megabytes and must not take the quarter of the node that Java would; so the command
 * runs in a child unless its own heap fits already.
 */
public final class BoundedChild {
  private static final double TOLERANCE = 0.15;

  private BoundedChild() {}

  /** Whether the heap of this process is bounded as it should be; that of such a child is. */
  public static boolean isBounded(long heapBytes) {
    if (OwnProgram.isChild()) {
      return true;
    }
    long own = Runtime.getRuntime().maxMemory();
    return own >= heapBytes * (1 - TOLERANCE) && own <= heapBytes * (1 + TOLERANCE);
  }

  /** Runs a command line in the child, which shares input, output and terminal with this one. */
  public static int run(long heapBytes, List<String> arguments) {
    try {
      Process child =
          OwnProgram.command(OwnProgram.MAIN, heapBytes, List.of(), arguments).inheritIO().start();
      Thread killer = new Thread(child::destroyForcibly, "end of child");
      Runtime.getRuntime().addShutdownHook(killer);
      return child.waitFor();
    } catch (IOException e) {
      throw CommandFailure.because("the child process cannot be started: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }
}
