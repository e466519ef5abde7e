package io.leakwatch.program;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this node calls itself. */
public final class NodeName {
  private NodeName() {}

  /** The kernel's host name, without a resolver that could wait for the network. */
  public static String get() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "localhost";
    }
  }
}
