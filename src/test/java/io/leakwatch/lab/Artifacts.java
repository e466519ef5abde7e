package io.leakwatch.lab;

import io.leakwatch.harness.Tool;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Servers of Maven Central: their jars and all that these need, as Maven resolves them by a project
 * of their own, so that none comes into this build.
 */
final class Artifacts {
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final Path DIRECTORY = Path.of("target", "lab-artifacts");
  private static final String GOAL =
      "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath";

  private Artifacts() {}

  /** A Java class path, downloaded where it is not here yet; {@code ""} for no artifacts. */
  static String classPath(List<String> artifacts) {
    if (artifacts.isEmpty()) {
      return "";
    }
    try {
      Path directory =
          Files.createDirectories(
              DIRECTORY.resolve(String.join("+", artifacts).replaceAll("[^\\w.+-]", "_")));
      Path known = directory.resolve("classpath");
      if (!Files.exists(known) || !isComplete(Files.readString(known))) {
        Path project = Files.writeString(directory.resolve("pom.xml"), project(artifacts));
        resolve(project, known);
      }
      return Files.readString(known).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isComplete(String classPath) {
    return Stream.of(classPath.strip().split(File.pathSeparator))
        .map(Path::of)
        .allMatch(Files::exists);
  }

  private static void resolve(Path project, Path into) {
    List<String> command =
        new ArrayList<>(List.of("mvn", "-q", "-B", "-f", project.toString(), GOAL));
    command.add("-Dmdep.outputFile=" + into.toAbsolutePath());
    Tool.Result result = Tool.run("", command, PATIENCE);
    if (result.status() != 0) {
      throw new IllegalStateException("mvn " + GOAL + ": " + result.output());
    }
  }

  private static String project(List<String> artifacts) {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        <project xmlns="http://maven.apache.org/POM/4.0.0">
          <modelVersion>4.0.0</modelVersion>
          <groupId>io.leakwatch.lab</groupId>
          <artifactId>server</artifactId>
          <version>1</version>
          <packaging>pom</packaging>
          <dependencies>
        """);
    for (String artifact : artifacts) {
      String[] parts = artifact.split(":");
      text.append(
          """
              <dependency>
                <groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version>
              </dependency>
          """
              .formatted(parts[0], parts[1], parts[2]));
    }
    return text + "  </dependencies>\n</project>\n";
  }
}
