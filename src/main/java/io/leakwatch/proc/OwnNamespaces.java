package io.leakwatch.proc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether this program runs in the node's first namespaces, whose numbers are fixed in the kernel
 * (include/linux/proc_ns.h).
 *
 * @param hostPids whether it sees the processes of the whole node
 * @param hostUsers whether its capabilities reach processes outside of its container
 */
public record OwnNamespaces(boolean hostPids, boolean hostUsers) {
  private static final String FIRST_PID = "pid:[4026531836]";
  private static final String FIRST_USER = "user:[4026531837]";

  static OwnNamespaces read(Path procRoot) {
    Path own = procRoot.resolve("self/ns");
    return new OwnNamespaces(
        isFirst(own.resolve("pid"), FIRST_PID), isFirst(own.resolve("user"), FIRST_USER));
  }

  private static boolean isFirst(Path link, String first) {
    try {
      return Files.readSymbolicLink(link).toString().equals(first);
    } catch (IOException e) {
      return true; // A kernel without such namespaces has only the first.
    }
  }
}
