package io.leakwatch.program;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The command line that runs this program once more, on the Java and the class path of this
 * process. A child finds its native libraries where this process finds them: the properties that
 * name those places are handed on, since the place that a library would be unpacked to may be
 * mounted {@code noexec}.
 */
public final class OwnProgram {
  private static final String CHILD = "leakwatch.child";

  /** The program's entry, which is above all rooms and is therefore named, not referred to. */
  public static final String MAIN = "io.leakwatch.Main";

  private static final List<String> NATIVE = List.of("jna.", "org.sqlite.", "java.io.tmpdir");

  /**
   * The first Java that warns of native libraries; the manifest of the jar allows them to -jar
   * alone.
   */
  private static final int NATIVE_ACCESS_JAVA = 22;

  /** Variables by which Java takes more options; what they said is in the properties already. */
  private static final List<String> OPTION_VARIABLES =
      List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS");

  private OwnProgram() {}

  /** Whether this process has been started by such a command line. */
  static boolean isChild() {
    return Boolean.getBoolean(CHILD);
  }

  /**
   * The command line.
   *
   * @param main the name of the class to run
   * @param heapBytesMax bound on its heap
   * @param options further options of Java
   * @param arguments of the program
   */
  public static ProcessBuilder command(
      String main, long heapBytesMax, List<String> options, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx" + heapBytesMax, "-XX:+UseSerialGC", "-XX:-UsePerfData"));
    command.addAll(options);
    command.addAll(natives(System.getProperties()));
    if (Runtime.version().feature() >= NATIVE_ACCESS_JAVA) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    command.add("-D" + CHILD + "=true");
    command.addAll(List.of("-cp", absolute(System.getProperty("java.class.path"))));
    command.add(main);
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeAll(OPTION_VARIABLES);
    builder.environment().remove("NOTIFY_SOCKET");
    return builder;
  }

  /** Options that name the places of native libraries, as a process has them. */
  static List<String> natives(Properties properties) {
    return properties.stringPropertyNames().stream()
        .filter(name -> NATIVE.stream().anyMatch(name::startsWith))
        .sorted()
        .map(name -> "-D" + name + "=" + properties.getProperty(name))
        .toList();
  }

  private static String absolute(String classPath) {
    return Stream.of(classPath.split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
