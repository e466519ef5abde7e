package io.leakwatch.lab;

import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Debian's packages: which are installed, and installs them without starting their services. */
final class Packages {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Path POLICY = Path.of("/usr/sbin/policy-rc.d");

  private Packages() {}

  /** Those that are not installed. */
  static List<String> missing(List<String> packages) {
    return packages.stream()
        .filter(
            name ->
                !Tool.run("", List.of("dpkg-query", "-W", "-f", "${db:Status-Status}", name))
                    .output()
                    .equals("installed"))
        .toList();
  }

  /** Installs what is missing; returns why that failed, {@code ""} when all is there. */
  static String install(List<String> packages) {
    List<String> missing = missing(packages);
    if (missing.isEmpty()) {
      return "";
    }
    boolean ours = !Files.exists(POLICY);
    try {
      if (ours) {
        // 101: a service's action is not allowed, so that no server of the system starts.
        Files.writeString(POLICY, "#!/bin/sh\nexit 101\n");
        Files.setPosixFilePermissions(POLICY, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
      List<String> command =
          new ArrayList<>(List.of("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install"));
      command.addAll(List.of("-y", "-q", "--no-install-recommends"));
      command.addAll(missing);
      Tool.Result result = Tool.run("", command, PATIENCE);
      return result.status() == 0 ? "" : "apt-get install " + missing + ": " + result.output();
    } catch (IOException e) {
      return "apt-get install " + missing + ": " + e;
    } finally {
      if (ours) {
        delete();
      }
    }
  }

  private static void delete() {
    try {
      Files.deleteIfExists(POLICY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
