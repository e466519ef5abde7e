package io.leakwatch.heap.hotspot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.ReadPace;
import io.leakwatch.heap.ptmalloc.DamagedMemory;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.TargetFiles;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All that is read of a JVM, over a real one's memory with damage in it: tables, counters, regions,
 * classes and objects that lie. Whatever they say, the reading ends, and its figures are figures.
 */
class DamagedJvmTest {
  private static final Map<String, String> COLLECTORS =
      Map.of("g1", "-XX:+UseG1GC", "parallel", "-XX:+UseParallelGC", "serial", "-XX:+UseSerialGC");

  private static final Map<String, Snapshot> SNAPSHOTS = new TreeMap<>();

  /** A JVM's memory at one time, and the pages that a reading of it looks at. */
  private record Snapshot(DamagedMemory memory, MappingTable table, long[] structures) {}

  @BeforeAll
  static void takeSnapshots() {
    COLLECTORS.forEach((name, option) -> SNAPSHOTS.put(name, snapshot(option)));
  }

  private static Snapshot snapshot(String option) {
    try (CTarget target = HotSpotReaderTest.start(HotSpotReaderTest.JVM, "-Xmx32m", option)) {
      HotSpotReaderTest.say(target, "leak 5000");
      HotSpotReaderTest.say(target, "gc");
      ProcFs proc = ProcFs.live();
      MappingTable table = new MappingTable();
      try (ProcessReader process =
          LiveHeap.value(proc.open(LiveHeap.value(proc.identify(target.pid())).id()))) {
        LiveHeap.value(process.maps(table, ReadMeter.UNPACED));
        DamagedMemory memory = DamagedMemory.of(process, table);
        DamagedMemory whole = memory.whole();
        read(whole, table);
        long[] structures = whole.peekedPages().stream().mapToLong(Long::longValue).toArray();
        return new Snapshot(memory, table, structures);
      }
    }
  }

  static Stream<Arguments> cases() {
    return COLLECTORS.keySet().stream()
        .sorted()
        .flatMap(
            name -> Stream.iterate(0, i -> i < 16, i -> i + 1).map(i -> Arguments.of(name, i)));
  }

  @ParameterizedTest
  @MethodSource("names")
  void shouldReadTheSnapshotWhole(String name) {
    Snapshot snapshot = SNAPSHOTS.get(name);
    HotSpotReport report = read(snapshot.memory().whole(), snapshot.table());
    assertEquals(1.0, report.recognition().coverage());
    assertEquals(5000, HotSpotReaderTest.types(report).get(HotSpotReaderTest.SESSION)[0]);
  }

  static Stream<String> names() {
    return COLLECTORS.keySet().stream().sorted();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void shouldEndWithFiguresWhateverTheStructuresSay(String name, int seed) {
    Snapshot snapshot = SNAPSHOTS.get(name);
    Random random = new Random(seed);
    DamagedMemory memory = snapshot.memory().whole();
    long[] heap = memory.pageAddresses();
    for (int i = 0; i < 20 * (1 + seed); i++) {
      long[] places = random.nextBoolean() ? snapshot.structures() : heap;
      damage(memory, places, random.nextInt(places.length), random.nextInt(512), random);
    }
    assertSound(read(memory, snapshot.table()), memory);
  }

  private static void damage(
      DamagedMemory memory, long[] places, int place, int word, Random random) {
    long at = places[place] + 8L * word;
    long any = random.nextLong();
    memory.change(
        at,
        switch (random.nextInt(6)) {
          case 0 -> any;
          case 1 -> any & 0xffff;
          case 2 -> memory.word(at) ^ 1L << (any & 63);
          case 3 -> places[(int) ((any & 0x7fffffff) % places.length)] + (any >>> 48 & 0xff0);
          case 4 -> memory.word(at) | 0x7fffffff00000000L;
          default -> memory.word(at) + (any % 4096 & -8L);
        });
    if (random.nextInt(20) == 0) {
      memory.remove(places[place]);
    }
  }

  @FuzzTest(maxDuration = "2m")
  void shouldEndWithFiguresWhateverIsDamaged(FuzzedDataProvider data) {
    Snapshot snapshot = SNAPSHOTS.get(List.copyOf(SNAPSHOTS.keySet()).get(data.consumeInt(0, 2)));
    DamagedMemory memory = snapshot.memory().whole();
    int changes = data.consumeInt(0, 40);
    for (int i = 0; i < changes; i++) {
      long[] places = data.consumeBoolean() ? snapshot.structures() : memory.pageAddresses();
      damage(
          memory,
          places,
          data.consumeInt(0, places.length - 1),
          data.consumeInt(0, 511),
          new Random(data.consumeLong()));
    }
    assertSound(read(memory, snapshot.table()), memory);
  }

  /** Pages that were swapped out or moved: what they held is not known, and nothing else goes. */
  @Test
  void shouldBearTheAbsenceOfAnyPage() {
    Snapshot snapshot = SNAPSHOTS.get("g1");
    int unlike = 0;
    for (int i = 0; i < snapshot.structures().length; i += 8) {
      DamagedMemory memory = snapshot.memory().whole();
      memory.remove(snapshot.structures()[i]);
      HotSpotReport report = read(memory, snapshot.table());
      assertSound(report, memory);
      unlike += report.recognition().coverage() == 1 ? 0 : 1;
    }
    assertTrue(unlike > 10, unlike + " pages that count");
  }

  private static HotSpotReport read(DamagedMemory memory, MappingTable table) {
    OwnerTarget target =
        new OwnerTarget(
            memory,
            table,
            List.of("jvm"),
            () -> Outcome.sampled(table),
            new FilesByName(),
            ReadPace.UNPACED,
            OwnerTarget.Depth.PROFILE);
    return LiveHeap.value(new HotSpotReader(Defaults.WALK).read(target, ObjectVisitor.NONE));
  }

  private static void assertSound(HotSpotReport report, DamagedMemory memory) {
    assertTrue(memory.reads < 2_000_000, () -> memory.reads + " reads");
    double coverage = report.recognition().coverage();
    assertTrue(coverage >= 0 && coverage <= 1, report::toString);
    for (Balance.Part part : Balance.Part.values()) {
      assertTrue(report.balance().bytes(part) >= 0, report::toString);
    }
    long present = 4096L * memory.pageAddresses().length;
    assertTrue(report.balance().residentBytes() <= present, report::toString);
    for (MemoryProfile profile : report.profiles()) {
      for (MemoryProfile.Entry entry : profile.entries()) {
        assertTrue(entry.objects() > 0 && entry.bytes() > 0, entry::toString);
      }
    }
  }

  /** The files of a process that is gone, as they are called in its mappings. */
  private static final class FilesByName implements TargetFiles {
    @Override
    public FileChannel exe() throws IOException {
      throw new IOException("none");
    }

    @Override
    public BasicFileAttributes exeAttributes() throws IOException {
      throw new IOException("none");
    }

    @Override
    public String exeName() {
      return "";
    }

    @Override
    public FileChannel find(String path) throws IOException {
      return FileChannel.open(Path.of(path));
    }

    @Override
    public FileChannel ofMapping(MappingTable table, int mapping) throws IOException {
      Path file = Path.of(table.name(mapping));
      if (!Files.isRegularFile(file)) {
        throw new IOException("no file");
      }
      return FileChannel.open(file);
    }
  }
}
