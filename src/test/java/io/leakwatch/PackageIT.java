package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The Debian package as a file: what Debian's own checker says of it, and what is in it. */
class PackageIT {
  private static final long BYTES_MAX = 45_000_000;

  /** The package that this build has made. */
  static Path deb() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      return files
          .filter(file -> file.getFileName().toString().matches("leakwatch_.*\\.deb"))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  void lintianShouldFindNothing() throws IOException {
    Tool.Result said =
        Tool.run("", List.of("lintian", "--fail-on", "error,warning", deb().toString()));
    assertEquals(0, said.status(), said::output);
  }

  @Test
  void packageShouldBeSmallAndHoldWhatItNeedsButNoArchiveOfThisMachine() throws IOException {
    assertTrue(Files.size(deb()) <= BYTES_MAX, "the package is too large");
    String contents = Tool.run("", List.of("dpkg-deb", "--contents", deb().toString())).output();
    for (String file :
        List.of(
            "./usr/bin/leakwatch",
            "./usr/lib/leakwatch/runtime/bin/java",
            "./usr/lib/leakwatch/libjnidispatch.so",
            "./usr/lib/leakwatch/libsqlitejdbc.so",
            "./usr/share/man/man1/leakwatch.1.gz",
            "./usr/share/man/man1/leakwatch-run.1.gz",
            "./usr/share/man/man1/leakwatch-gateway.1.gz",
            "./usr/share/bash-completion/completions/leakwatch")) {
      assertTrue(contents.contains(file + "\n"), () -> file + " is missing:\n" + contents);
    }
    assertFalse(contents.contains(".jsa"), contents);
    String conffiles =
        Tool.run("", List.of("dpkg-deb", "--info", deb().toString(), "conffiles")).output();
    assertEquals("/etc/leakwatch/leakwatch.conf", conffiles.strip());
  }
}
