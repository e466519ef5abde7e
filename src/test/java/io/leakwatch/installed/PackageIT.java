package io.leakwatch.installed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Debian packages as files: what Debian's own checker says of them, and what is in them. */
class PackageIT {
  private static final long BYTES_MAX = 45_000_000;

  /** The package with a runtime that this build has made. */
  static Path deb() {
    return deb("leakwatch");
  }

  static Path deb(String name) {
    return built(name + "_.*\\.deb");
  }

  static Path built(String pattern) {
    try (Stream<Path> files = Files.list(Path.of("target"))) {
      return files
          .filter(file -> file.getFileName().toString().matches(pattern))
          .findFirst()
          .orElseThrow(() -> new AssertionError("not built: " + pattern));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"leakwatch", "leakwatch-nojre"})
  void lintianShouldFindNothing(String name) {
    Tool.Result said =
        Tool.run("", List.of("lintian", "--fail-on", "error,warning", deb(name).toString()));
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
