package io.leakwatch.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;

/** History files that could not be read any more: beside the file, named by when that was seen. */
final class DamagedFiles {
  private static final int KEPT_MAX = 2;
  private static final List<String> LOGS = List.of("-wal", "-shm");
  private static final DateTimeFormatter FILE_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private DamagedFiles() {}

  /**
   * Renames a file and its logs.
   *
   * @return how it is called now
   */
  static Path setAside(Path file, long nowMillis) throws IOException {
    Path path = file.toAbsolutePath();
    String prefix = path.getFileName() + ".damaged-";
    Path target = path.resolveSibling(prefix + FILE_TIME.format(Instant.ofEpochMilli(nowMillis)));
    Files.move(path, target, StandardCopyOption.REPLACE_EXISTING);
    for (String log : LOGS) {
      Path from = path.resolveSibling(path.getFileName() + log);
      if (Files.exists(from)) {
        Files.move(
            from,
            target.resolveSibling(target.getFileName() + log),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
    forgetOld(path, prefix);
    return target;
  }

  /** Damaged files are evidence, but a failing disk must not be filled with them. */
  private static void forgetOld(Path path, String prefix) throws IOException {
    List<Path> damaged;
    try (Stream<Path> files = Files.list(path.getParent())) {
      damaged =
          files
              .filter(file -> file.getFileName().toString().startsWith(prefix))
              .filter(file -> !file.toString().endsWith("-wal"))
              .filter(file -> !file.toString().endsWith("-shm"))
              .sorted()
              .toList();
    }
    for (Path old : damaged.subList(0, Math.max(0, damaged.size() - KEPT_MAX))) {
      for (String log : List.of("", "-wal", "-shm")) {
        Files.deleteIfExists(old.resolveSibling(old.getFileName() + log));
      }
    }
  }
}
