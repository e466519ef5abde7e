package io.leakwatch.export.metrics;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the agent itself takes, from its own /proc; {@code NaN} when unknown. The JDK's management
 * bean would tell the same, but looks through the cgroup mounts first and fails in containers with
 * a cgroup namespace (JDK-8286212).
 */
final class OwnProcess {
  private static final double TICKS_PER_SECOND = 100;
  private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s+(\\d+) kB");
  private static final Pattern MAX_FILES = Pattern.compile("(?m)^Max open files\\s+(\\d+)");

  /** User and system time, the 14th and 15th field; the name in the 2nd may hold anything. */
  private static final Pattern TIMES = Pattern.compile("(?s).*\\) (?:\\S+ ){11}(\\d+) (\\d+) .*");

  private final Path directory;

  OwnProcess(Path procRoot) {
    directory = procRoot.resolve("self");
  }

  double cpuSeconds() {
    Matcher times = TIMES.matcher(text("stat"));
    return times.matches()
        ? (Double.parseDouble(times.group(1)) + Double.parseDouble(times.group(2)))
            / TICKS_PER_SECOND
        : Double.NaN;
  }

  double residentBytes() {
    return number(RESIDENT, "status") * 1024;
  }

  double maxDescriptors() {
    return number(MAX_FILES, "limits");
  }

  double openDescriptors() {
    int count = 0;
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(directory.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        count += descriptor.getFileName() == null ? 0 : 1;
      }
      return count - 1; // The one that reads the directory.
    } catch (IOException | DirectoryIteratorException e) {
      return Double.NaN;
    }
  }

  private double number(Pattern pattern, String file) {
    Matcher found = pattern.matcher(text(file));
    return found.find() ? Double.parseDouble(found.group(1)) : Double.NaN;
  }

  private String text(String file) {
    try {
      return new String(Files.readAllBytes(directory.resolve(file)), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return ""; // Reported as unknown.
    }
  }
}
