package io.leakwatch.heap.hotspot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Tool;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read of a JVM against what it says of itself. */
class HotSpotReaderTest {
  private static final Path JVMS = Path.of("/usr/lib/jvm");
  private static final String SESSION = JavaTarget.Session.class.getName();
  private static final Pattern ROW = Pattern.compile("\\s*\\d+:\\s+(\\d+)\\s+(\\d+)\\s+(\\S+).*");

  @ParameterizedTest
  @CsvSource({
    "java-17-openjdk-amd64, -XX:+UseG1GC, -Xmx256m",
    "java-17-openjdk-amd64, -XX:+UseG1GC, -XX:-UseCompressedClassPointers",
    "java-17-openjdk-amd64, -XX:+UseG1GC, -XX:-UseCompressedOops",
    "java-17-openjdk-amd64, -XX:+UseG1GC, -XX:ObjectAlignmentInBytes=16",
    "java-17-openjdk-amd64, -XX:+UseParallelGC, -Xmx256m",
    "java-17-openjdk-amd64, -XX:+UseSerialGC, -Xmx256m",
    "temurin-25-jdk-amd64, -XX:+UseG1GC, -Xmx256m",
    "temurin-25-jdk-amd64, -XX:+UseG1GC, -XX:+UseCompactObjectHeaders",
    "temurin-25-jdk-amd64, -XX:+UseParallelGC, -Xmx256m",
    "temurin-25-jdk-amd64, -XX:+UseSerialGC, -XX:+UseCompactObjectHeaders",
  })
  void shouldCountEachObjectOfALeak(String jvm, String collector, String option) {
    try (CTarget target = start(jvm, collector, option)) {
      for (int count : new int[] {12_345, 23_456}) {
        say(target, "leak " + count);
        say(target, "gc");
        HotSpotReport report = read(target, OwnerTarget.Depth.PROFILE);
        assertEquals(1.0, report.recognition().coverage(), report::toString);
        assertEquals(List.of(), report.recognition().notes());
        Map<String, long[]> seen = types(report);
        Map<String, long[]> truth = histogram(jvm, target.pid());
        for (String type : new String[] {SESSION, SESSION + "[]", "byte[]", "int[][]"}) {
          long[] ours = seen.getOrDefault(type, new long[2]);
          long[] theirs = truth.get(type);
          long off = type.equals("byte[]") ? 300 : 0; // What jcmd itself brings along.
          assertTrue(
              Math.abs(ours[0] - theirs[0]) <= off,
              () -> type + " " + ours[0] + " of " + theirs[0]);
          assertTrue(
              Math.abs(ours[1] - theirs[1]) <= 200 * off,
              () -> type + " " + ours[1] + " of " + theirs[1]);
        }
      }
      HotSpotReport report = read(target, OwnerTarget.Depth.PROFILE);
      assertEquals(12_345 + 23_456, types(report).get(SESSION)[0]);
      assertEquals(3 << 20, report.figures().directBytes());
    }
  }

  private static CTarget start(String jvm, String... options) {
    Path java = JVMS.resolve(jvm).resolve("bin/java");
    assumeTrue(Files.exists(java), () -> "no " + jvm);
    List<String> command = new ArrayList<>(List.of(java.toString()));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", "target/test-classes", JavaTarget.class.getName()));
    CTarget target = CTarget.launch(Map.of(), command);
    target.awaitLine("ready");
    return target;
  }

  private static void say(CTarget target, String line) {
    target.send(line);
    target.awaitLine("ready");
  }

  private static Map<String, long[]> types(HotSpotReport report) {
    Map<String, long[]> types = new HashMap<>();
    for (MemoryProfile.Entry entry : report.profiles().get(0).entries()) {
      types.put(entry.frames().get(0), new long[] {entry.objects(), entry.bytes()});
    }
    return types;
  }

  /** What the JVM counts itself: objects and bytes of each class, in old regions or not. */
  private static Map<String, long[]> histogram(String jvm, int pid) {
    Map<String, long[]> types = new HashMap<>();
    for (String line : jcmd(jvm, pid, "GC.class_histogram", "-all").split("\n")) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        long[] figures = {Long.parseLong(row.group(1)), Long.parseLong(row.group(2))};
        types.put(JavaNames.of(row.group(3).replace('.', '/')), figures);
      }
    }
    return types;
  }

  private static String jcmd(String jvm, int pid, String... command) {
    List<String> whole =
        new ArrayList<>(
            List.of(JVMS.resolve(jvm).resolve("bin/jcmd").toString(), Integer.toString(pid)));
    whole.addAll(List.of(command));
    Tool.Result result = Tool.run("", whole);
    assertEquals(0, result.status(), result.output());
    return result.output();
  }

  private static HotSpotReport read(CTarget target, OwnerTarget.Depth depth) {
    return LiveHeap.read(target.pid(), new HotSpotReader(Defaults.WALK), depth, ObjectVisitor.NONE);
  }

  @Test
  void shouldSayThatItKnowsNothingWhereThereIsNoJvm() {
    try (CTarget target = CTarget.start("own_malloc")) {
      target.awaitLine("ready");
      assertFalse(read(target, OwnerTarget.Depth.SUMS).recognition().isRecognised());
    }
  }
}
