package io.leakwatch.app;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this node calls itself. */
final class NodeName {
  private NodeName() {}

  /** The kernel's host name, without a resolver that could wait for the network. */
  static String get() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "localhost";
    }
  }
}
