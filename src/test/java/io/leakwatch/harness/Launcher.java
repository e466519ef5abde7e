package io.leakwatch.harness;

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
   * @param environment e.g. {@code LEAKWATCH_HEAP=100m}; {@code LAUNCHER} names another script
   */
  public static List<String> command(List<String> environment, String... arguments) {
    List<String> command = new ArrayList<>(List.of("env", "LEAKWATCH_HOME=" + HOME));
    command.add("LAUNCHER=" + SCRIPT);
    command.add("PATH=" + Path.of(System.getProperty("java.home"), "bin") + ":/usr/bin:/bin");
    command.addAll(environment);
    command.addAll(List.of("sh", "-c", "exec sh \"$LAUNCHER\" \"$@\"", "sh"));
    command.addAll(List.of(arguments));
    return command;
  }

  /**
   * Copies the program for another user, who may not read where these tests run.
   *
   * @param home a directory that everybody may read
   * @return the launcher's script in it, for {@code sh}; it wants LEAKWATCH_HOME
   */
  public static Path copy(Path home) {
    try {
      int number = 0;
      List<String> entries = new ArrayList<>();
      for (Path from : classPath().toList()) {
        String name = "entry" + number++ + (Files.isDirectory(from) ? "/" : ".jar");
        copy(from, home.resolve(name));
        entries.add(name);
      }
      writeJar(home, String.join(" ", entries));
      Path script = Files.copy(SCRIPT, home.resolve("leakwatch.sh"));
      Tool.run("", List.of("chmod", "-R", "a+rX", home.toString()));
      return script;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    if (!Files.exists(from)) {
      return;
    }
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copied = to.resolve(from.relativize(file).toString());
        if (!Files.isDirectory(file)) {
          Files.createDirectories(copied.toAbsolutePath().getParent());
          Files.copy(file, copied);
        }
      }
    }
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
      writeJar(
          home,
          classPath().map(entry -> entry.toUri().toString()).collect(Collectors.joining(" ")));
      return home;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Maven's ends with a separator; an empty entry would be the working directory. */
  private static Stream<Path> classPath() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(entry -> !entry.isEmpty())
        .map(Path::of);
  }

  private static void writeJar(Path home, String classPath) throws IOException {
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.put(Attributes.Name.MAIN_CLASS, "io.leakwatch.Main");
    main.put(Attributes.Name.CLASS_PATH, classPath);
    Path jar = home.resolve("leakwatch.jar");
    try (OutputStream out = Files.newOutputStream(jar)) {
      new JarOutputStream(out, manifest).close();
    }
    jar.toFile().deleteOnExit();
  }
}
