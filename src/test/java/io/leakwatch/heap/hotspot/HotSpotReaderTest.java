package io.leakwatch.heap.hotspot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Tool;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.OwnerReader;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.region.kind.Allocator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of a JVM against what it says of itself. */
class HotSpotReaderTest {
  static final String JVM = "java-17-openjdk-amd64";
  private static final Path JVMS = Path.of("/usr/lib/jvm");
  static final String SESSION = JavaTarget.Session.class.getName();
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

  @ParameterizedTest
  @CsvSource({
    "java-17-openjdk-amd64, -XX:+UseG1GC, G1",
    "java-17-openjdk-amd64, -XX:+UseParallelGC, Parallel",
    "java-17-openjdk-amd64, -XX:+UseSerialGC, Serial",
    "java-17-openjdk-amd64, -XX:+UseZGC, ZGC",
    "java-17-openjdk-amd64, -XX:+UseShenandoahGC, Shenandoah",
    "temurin-25-jdk-amd64, -XX:+UseG1GC, G1",
    "temurin-25-jdk-amd64, -XX:+UseZGC, ZGC",
  })
  void shouldSayWhatTheJvmCounts(String jvm, String option, String collector) {
    try (CTarget target =
        start(jvm, "-Xmx256m", "-XX:-UseAdaptiveSizePolicy", option, forG1(collector))) {
      say(target, "leak 100000");
      say(target, "gc");
      HotSpotReport.Figures figures = read(target, OwnerTarget.Depth.SUMS).figures();
      assertEquals(collector, figures.collector());
      assertEquals(jvm.contains("17") ? "17." : "25.", figures.version().substring(0, 3));
      Map<String, Long> truth = counters(jvm, target.pid());
      HotSpotReport report = read(target, OwnerTarget.Depth.SUMS);
      long loaded = truth.get("java.cls.loadedClasses") + truth.get("java.cls.sharedLoadedClasses");
      assertEquals(loaded, report.figures().classCount().loaded());
      assertEquals(0, report.figures().unloadedClasses());
      assertEquals(truth.get("java.threads.live"), report.figures().threads());
      assertEquals(truth.get("sun.gc.metaspace.used"), report.figures().metaspaceBytes());
      assertEquals(List.of(), report.profiles());
      assertEquals(1.0, report.recognition().coverage());
      // What the objects take, and little else.
      long live = report.inUseBytes();
      assertTrue(live > 100_000 * 144L + (5 << 20) && live < 48 << 20, report::toString);
    }
  }

  private static String forG1(String collector) {
    return collector.equals("G1") ? "-XX:+UseG1GC" : "-XX:+UseCompressedOops";
  }

  /** What a JVM's own tool reads of its counters. */
  private static Map<String, Long> counters(String jvm, int pid) {
    Map<String, Long> counters = new HashMap<>();
    for (String line : jcmd(jvm, pid, "PerfCounter.print").split("\n")) {
      String[] parts = line.split("=", 2);
      if (parts.length == 2 && parts[1].matches("-?\\d+")) {
        counters.put(parts[0], Long.parseLong(parts[1]));
      }
    }
    return counters;
  }

  @Test
  void shouldSayWhatIsOldWithoutCounters() {
    try (CTarget target = start(JVM, "-Xmx256m", "-XX:+UseG1GC", "-XX:-UsePerfData")) {
      say(target, "leak 100000");
      say(target, "gc");
      HotSpotReport report = read(target, OwnerTarget.Depth.PROFILE);
      assertEquals(-1, report.figures().threads());
      assertEquals(100_000, types(report).get(SESSION)[0]);
      assertTrue(report.inUseBytes() > 100_000 * 144L + (5 << 20), report::toString);
      assertEquals(1, report.recognition().notes().size());
      assertTrue(report.collections() > 0);
    }
  }

  /** Then the counters lie in memory without a file, and the JVM's own tools cannot read them. */
  @Test
  void shouldReadCountersThatAreNotShared() {
    try (CTarget target = start(JVM, "-Xmx256m", "-XX:+UseG1GC", "-XX:+PerfDisableSharedMem")) {
      HotSpotReport report = read(target, OwnerTarget.Depth.SUMS);
      assertEquals(List.of(), report.recognition().notes());
      assertEquals("17.", report.recognition().version().substring(0, 3));
      assertTrue(report.figures().threads() > 1, report::toString);
      assertTrue(report.figures().metaspaceBytes() > 64 << 10, report::toString);
    }
  }

  /** While it collects, counts are shares: no more than a few regions are left out. */
  @ParameterizedTest
  @ValueSource(strings = {"-XX:+UseG1GC", "-XX:+UseParallelGC", "-XX:+UseSerialGC"})
  void shouldCountWhileTheProgramWorks(String collector) {
    try (CTarget target = start(JVM, "-Xmx256m", "-Xmn16m", collector)) {
      say(target, "leak 200000");
      say(target, "gc");
      say(target, "busy");
      for (int i = 0; i < 5; i++) {
        HotSpotReport report = read(target, OwnerTarget.Depth.PROFILE);
        assertTrue(report.recognition().coverage() > 0.95, report::toString);
        assertEquals(200_000, types(report).get(SESSION)[0], 2000.0, report::toString);
      }
    }
  }

  @Test
  void shouldTellAllBySomeRegions() {
    try (CTarget target = start(JVM, "-Xmx256m", "-XX:+UseG1GC", "-XX:G1HeapRegionSize=1m")) {
      say(target, "leak 500000");
      say(target, "gc");
      HotSpotReport report =
          LiveHeap.read(
              target.pid(),
              new HotSpotReader(Defaults.WALK, 20 << 20),
              OwnerTarget.Depth.PROFILE,
              ObjectVisitor.NONE);
      String note = report.recognition().notes().get(0);
      assertTrue(note.matches("counted in \\d+ of \\d+ old regions, drawn at random: .* %"), note);
      assertEquals(500_000, types(report).get(SESSION)[0], 50_000.0, note);
    }
  }

  @Test
  void shouldSayHowFarAnOldSpaceWasRead() {
    try (CTarget target = start(JVM, "-Xmx256m", "-XX:+UseSerialGC")) {
      say(target, "leak 200000");
      say(target, "gc");
      HotSpotReport report =
          LiveHeap.read(
              target.pid(),
              new HotSpotReader(Defaults.WALK, 8 << 20),
              OwnerTarget.Depth.PROFILE,
              ObjectVisitor.NONE);
      String note = report.recognition().notes().get(0);
      assertTrue(note.matches("of .* in the old space only the first 8 MiB were read"), note);
    }
  }

  /** Parts of virtual threads' stacks are objects whose length no class tells. */
  @Test
  void shouldPassTheStacksOfVirtualThreads() {
    try (CTarget target = start("temurin-25-jdk-amd64", "-Xmx256m", "-XX:+UseG1GC")) {
      say(target, "virtual 2000");
      say(target, "leak 1000");
      say(target, "gc");
      HotSpotReport report = read(target, OwnerTarget.Depth.PROFILE);
      Map<String, long[]> truth = histogram("temurin-25-jdk-amd64", target.pid());
      String chunk = "jdk.internal.vm.StackChunk";
      assertArrayEquals(truth.get(chunk), types(report).get(chunk), report::toString);
      assertEquals(1000, types(report).get(SESSION)[0]);
      assertEquals(1.0, report.recognition().coverage());
    }
  }

  /** As JDK 8 does not; 25 has the same tags and says where they are. */
  @Test
  void shouldFindTheTagsOfRegionsWhereTheJvmDoesNotTell() {
    try (CTarget target = start("temurin-25-jdk-amd64", "-Xmx64m", "-XX:+UseG1GC")) {
      say(target, "leak 10000");
      say(target, "gc");
      int[] offsets = new int[2];
      LiveHeap.read(target.pid(), new TagReader(offsets), ObjectVisitor.NONE);
      assertTrue(offsets[0] > 0, "not told");
      assertEquals(offsets[0], offsets[1]);
    }
  }

  /** Takes down where the tag of a region is, told and voted. */
  private record TagReader(int[] offsets) implements OwnerReader<HotSpotReport> {
    @Override
    public Allocator owner() {
      return Allocator.JVM;
    }

    @Override
    public Outcome<HotSpotReport> read(OwnerTarget target, ObjectVisitor visitor) {
      ByteBudget budget = new ByteBudget(Long.MAX_VALUE, target.pace());
      try (TargetWords words = new TargetWords(target, budget)) {
        VmStructs structs =
            Objects.requireNonNull(
                VmStructs.read(
                    target, Objects.requireNonNull(VmStructs.library(target.space())), words));
        G1Regions regions = new G1Regions(structs, words);
        long heap = words.word(structs.address("Universe._collectedHeap"));
        offsets[0] = structs.offset("G1HeapRegion", "_type");
        offsets[1] = regions.voted(regions.addresses(heap));
        return Outcome.sampled(HotSpotReport.none("only tags"));
      }
    }
  }

  /** Every page of the heap is some part's, and no part counts what is another owner's. */
  @ParameterizedTest
  @CsvSource({"-XX:+UseG1GC", "-XX:+UseParallelGC", "-XX:+UseSerialGC"})
  void shouldAccountForEachPageOfTheHeap(String collector) throws IOException {
    try (CTarget target = start(JVM, "-Xmx256m", collector)) {
      say(target, "leak 100000");
      say(target, "gc");
      long heap = residentBelow(target.pid(), 0x800000000L);
      Balance balance = read(target, OwnerTarget.Depth.SUMS).balance();
      while (heap != residentBelow(target.pid(), 0x800000000L)) { // G1 still gives regions back.
        heap = residentBelow(target.pid(), 0x800000000L);
        balance = read(target, OwnerTarget.Depth.SUMS).balance();
      }
      String told = balance.toString();
      long parts =
          balance.bytes(Balance.Part.LIVE)
              + balance.bytes(Balance.Part.GARBAGE)
              + balance.bytes(Balance.Part.KEPT);
      assertEquals(heap, parts, 64 << 10, told);
      assertTrue(balance.bytes(Balance.Part.CODE) > 0, told);
      assertTrue(balance.bytes(Balance.Part.METADATA) > 64 << 10, told);
    }
  }

  /** Of private memory where compressed references put the heap. */
  private static long residentBelow(int pid, long end) throws IOException {
    long resident = 0;
    boolean isHeap = false;
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps"))) {
      String[] words = line.split("\\s+");
      if (words[0].matches("[0-9a-f]+-[0-9a-f]+")) {
        long until = Long.parseUnsignedLong(words[0].split("-")[1], 16);
        isHeap = until > 0 && until <= end && words[4].equals("0");
      } else if (isHeap && words[0].equals("Rss:")) {
        resident += 1024 * Long.parseLong(words[1]);
      }
    }
    return resident;
  }

  /** What a leak of class loaders shows by: classes that stay, and metaspace. */
  @ParameterizedTest
  @ValueSource(strings = {JVM, "temurin-25-jdk-amd64"})
  void shouldTellClassesThatStayFromThoseThatGo(String jvm) {
    try (CTarget target = start(jvm, "-Xmx256m", "-XX:+UseG1GC")) {
      say(target, "classes 1");
      HotSpotReport.Figures before = read(target, OwnerTarget.Depth.SUMS).figures();
      say(target, "classes 2000");
      say(target, "gc"); // The JVM updates what it says of metaspace then.
      HotSpotReport.Figures grown = read(target, OwnerTarget.Depth.SUMS).figures();
      assertEquals(2000, grown.classes() - before.classes());
      assertEquals(before.unloadedClasses(), grown.unloadedClasses());
      assertTrue(grown.metaspaceBytes() > before.metaspaceBytes() + 2000 * 1024, grown::toString);
      say(target, "forget");
      say(target, "gc");
      HotSpotReport.Figures after = read(target, OwnerTarget.Depth.SUMS).figures();
      assertTrue(after.unloadedClasses() - grown.unloadedClasses() >= 2000, after::toString);
      assertTrue(after.classes() <= before.classes(), after::toString);
    }
  }

  @Test
  void shouldNotTakeBreathingForGrowth() {
    OldFloors floors = new OldFloors();
    long worst = 0;
    for (int cycle = 0; cycle < 20; cycle++) {
      for (int step = 0; step <= 10; step++) {
        long used = 100 + (step < 2 ? 300 / (step + 1) : 30 * step); // Cleaned in steps.
        long floor = floors.note("g1", JavaHeap.Collector.G1, cycle, used);
        worst = cycle == 0 ? 0 : Math.max(worst, floor);
      }
    }
    assertEquals(160, worst);
    assertEquals(100, floors.note("serial", JavaHeap.Collector.SERIAL, 1, 100));
    assertEquals(100, floors.note("serial", JavaHeap.Collector.SERIAL, 1, 150));
    assertEquals(130, floors.note("serial", JavaHeap.Collector.SERIAL, 2, 130));
  }

  static CTarget start(String jvm, String... options) {
    Path java = JVMS.resolve(jvm).resolve("bin/java");
    assumeTrue(Files.exists(java), () -> "no " + jvm);
    List<String> command = new ArrayList<>(List.of(java.toString()));
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", "target/test-classes", JavaTarget.class.getName()));
    CTarget target = CTarget.launch(Map.of(), command);
    target.awaitLine("ready");
    return target;
  }

  static void say(CTarget target, String line) {
    target.send(line);
    target.awaitLine("ready");
  }

  static Map<String, long[]> types(HotSpotReport report) {
    Map<String, long[]> types = new HashMap<>();
    for (MemoryProfile.Entry entry : report.profiles().get(0).entries()) {
      types.put(entry.frames().get(0).name(), new long[] {entry.objects(), entry.bytes()});
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
