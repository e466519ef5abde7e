package io.leakwatch;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The program as it is installed: by {@code deploy/leakwatch.sh}, with that script's own flags and
 * bounds, over a jar that is nothing but the class path of these tests.
 */
public final class Launcher {
  private static final Path SCRIPT = Path.of("deploy", "leakwatch.sh").toAbsolutePath();
  private static final Path HOME = home();

  private Launcher() {}

  /** The command line of any command of the program. */
  public static List<String> command(String... arguments) {
    return command(List.of(), arguments);
  }

  /**
   * The same with settings of the environment, {@code NAME=value}, that the launcher reads.
   *
   * @param environment e.g. {@code LEAKWATCH_HEAP=100m}
   */
  public static List<String> command(List<String> environment, String... arguments) {
    List<String> command = new ArrayList<>(List.of("env", "LEAKWATCH_HOME=" + HOME));
    command.add("PATH=" + Path.of(System.getProperty("java.home"), "bin") + ":/usr/bin:/bin");
    command.addAll(environment);
    command.addAll(List.of("sh", SCRIPT.toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static Path home() {
    try {
      Path home = Files.createTempDirectory(Files.createDirectories(Path.of("target")), "home-");
      home.toFile().deleteOnExit();
      return install(home.toAbsolutePath());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes a directory one that LEAKWATCH_HOME may name. */
  public static Path install(Path home) {
    try {
      Manifest manifest = new Manifest();
      Attributes main = manifest.getMainAttributes();
      main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
      main.put(Attributes.Name.MAIN_CLASS, "io.leakwatch.app.Main");
      main.put(
          Attributes.Name.CLASS_PATH,
          Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
              .map(entry -> Path.of(entry).toUri().toString())
              .collect(Collectors.joining(" ")));
      Path jar = home.resolve("leakwatch.jar");
      try (OutputStream out = Files.newOutputStream(jar)) {
        new JarOutputStream(out, manifest).close();
      }
      jar.toFile().deleteOnExit();
      return home;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
