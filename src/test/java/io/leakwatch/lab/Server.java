package io.leakwatch.lab;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A real server: how it is installed and started, its load, what it uses for memory, and the leaks
 * that can be planted in it.
 *
 * <p>All commands are for {@code sh}, run in a directory of the run's own, and see DIR (that
 * directory), PORT and PEER (free ports), AS (what takes the rights of root away), JAVA (runs a
 * class of these tests), JAR and CLASSES (packs one), SOURCES (of these tests), LIBRARY (the class
 * path of the installation's artifacts), CLIENTS (how many clients a load has) and PID (the watched
 * process).
 *
 * @param name as in {@code -Dleakwatch.lab}
 */
public record Server(
    String name,
    Installation installation,
    Memory memory,
    Start start,
    Work work,
    List<Leak> leaks) {

  /**
   * Debian's packages, and a command whose first line tells the version.
   *
   * @param artifacts of Maven Central, each as {@code group:artifact:version}
   * @param user the server's user, {@code ""} for root
   */
  public record Installation(
      List<String> packages, List<String> artifacts, String version, String user) {
    public static Installation of(String packages, String version, String user) {
      return new Installation(List.of(packages.split(" ")), List.of(), version, user);
    }
  }

  /**
   * What is true of the server's memory.
   *
   * @param allocator by the contract's name, the one that serves most of its memory
   * @param owners the kinds of mappings that this allocator's memory has
   */
  public record Memory(String allocator, Set<String> owners) {
    public static final Memory PTMALLOC =
        new Memory("ptmalloc", Set.of("brk_heap", "arena", "malloc_mmap"));
    public static final Memory GO = new Memory("go", Set.of("go_heap"));
    public static final Memory JVM = new Memory("jvm", Set.of("java_heap"));
  }

  /**
   * How it starts.
   *
   * @param prepare ends before the server starts, e.g. makes its database; {@code ""} for nothing
   * @param command becomes the server by {@code exec}; its output is DIR/log
   * @param readyLine a part of its log (an expression) that says it is ready; {@code ""} where it
   *     is ready when it listens on PORT
   * @param find prints the watched process where that is not the server itself; {@code ""}
   */
  public record Start(String prepare, String command, String readyLine, String find) {}

  /**
   * What it does.
   *
   * @param fill its first data, runs to its end during the start-up
   * @param load runs until it is ended
   * @param clients CLIENTS of the steady load
   * @param facts prints what the server itself says of its memory, in one line
   */
  public record Work(String fill, String load, int clients, String facts) {}

  /**
   * A leak that is planted.
   *
   * @param environment what the server runs with beside its usual variables; LD_PRELOAD names a
   *     source in {@code src/test/c}
   * @param command runs until it is ended; {@code ""} for none
   * @param loaded whether the load runs as well
   * @param owners the kinds of mappings one of which must be named as what grows
   * @param truth what is true, for the table
   */
  public record Leak(
      String name,
      Map<String, String> environment,
      String command,
      boolean loaded,
      Set<String> owners,
      String truth) {

    /** The one that any server with glibc's malloc can have. */
    public static Leak forgottenFree() {
      return new Leak(
          "forgotten free",
          Map.of("LD_PRELOAD", "forget_free"),
          "",
          true,
          Memory.PTMALLOC.owners(),
          "a preload forgets one call of free in a hundred");
    }

    /** One that {@code LeakyAgent} brings into a JVM. */
    public static Leak byAgent(String name, Memory memory, String truth) {
      return new Leak(name, Map.of("AGENT", name), "", false, memory.owners(), truth);
    }

    /** One that a client causes. */
    public static Leak byClient(String name, Memory memory, String truth, String command) {
      return new Leak(name, Map.of(), command, false, memory.owners(), truth);
    }
  }
}
