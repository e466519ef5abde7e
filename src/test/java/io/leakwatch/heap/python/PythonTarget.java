package io.leakwatch.heap.python;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.harness.CTarget;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Live interpreters that run {@code src/test/python/session.py}. */
public final class PythonTarget {
  private static final Path PROGRAM = Path.of("src", "test", "python", "session.py");
  private static final Path OTHERS = Path.of(System.getProperty("user.home"), ".pyenv", "versions");
  private static final Pattern KNOWN = Pattern.compile("3\\.([89]|1\\d)(\\.\\d+)?");
  private static final Pattern SIZE =
      Pattern.compile("\\s*\\d+\\s+(\\d+)\\s+\\d+\\s+(\\d+)\\s+\\d+");

  private PythonTarget() {}

  /** All that are installed. */
  public static List<Path> interpreters() {
    List<Path> found = new ArrayList<>();
    Path debian = Path.of("/usr/bin/python3");
    if (Files.exists(debian)) {
      found.add(debian);
    }
    if (Files.isDirectory(OTHERS)) {
      try (Stream<Path> versions = Files.list(OTHERS)) {
        versions
            .filter(version -> KNOWN.matcher(version.getFileName().toString()).matches())
            .map(version -> version.resolve("bin").resolve("python3"))
            .filter(Files::exists)
            .forEach(found::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    assumeTrue(!found.isEmpty(), "no python3");
    return found;
  }

  public static CTarget start(Path interpreter, Map<String, String> environment) {
    return CTarget.launch(environment, List.of(interpreter.toString(), PROGRAM.toString()));
  }

  /** Blocks in use by their size, as the interpreter's next count says. */
  static Map<Long, Long> truth(CTarget target) {
    Map<Long, Long> blocks = new TreeMap<>();
    String line = target.readLine();
    while (!line.startsWith("# bytes in allocated blocks")) {
      Matcher size = SIZE.matcher(line);
      if (size.matches() && !size.group(2).equals("0")) {
        blocks.put(Long.parseLong(size.group(1)), Long.parseLong(size.group(2)));
      }
      line = target.readLine();
    }
    target.awaitLine("Total");
    return blocks;
  }
}
