package io.leakwatch.kernels;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A kernel of a Debian release, fetched by {@code .ci/other-kernels}.
 *
 * @param release as {@code uname -r} says
 */
record Kernel(String suite, String release, Path directory) {
  static final List<String> SUITES = List.of("bullseye", "bookworm", "trixie", "sid");
  private static final Path IMAGES = Path.of("target", "kernels", "images");

  /** Empty where it could not be fetched. */
  static Optional<Kernel> ofSuite(String suite) {
    Path directory = IMAGES.resolve(suite);
    try {
      return Files.exists(directory)
          ? Optional.of(
              new Kernel(suite, Files.readString(directory.resolve("release")).strip(), directory))
          : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path image() {
    return directory.resolve("vmlinuz");
  }

  /** The module that makes a disk of memory, for swap. */
  Path ramDisk() {
    return directory.resolve("brd.ko");
  }

  /** Whether it is at least of this version. */
  static boolean isAtLeast(String release, int major, int minor) {
    String[] parts = release.split("[^0-9]+");
    int itsMajor = Integer.parseInt(parts[0]);
    return itsMajor > major || (itsMajor == major && Integer.parseInt(parts[1]) >= minor);
  }
}
