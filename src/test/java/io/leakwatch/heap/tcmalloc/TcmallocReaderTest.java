package io.leakwatch.heap.tcmalloc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.Balance;
import io.leakwatch.heap.Balance.Part;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.heap.SizeClass;
import io.leakwatch.heap.SlabFill;
import io.leakwatch.heap.ptmalloc.LiveHeap;
import io.leakwatch.heap.tcmalloc.TcmallocReport.Sums;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read of tcmalloc against what its MallocExtension says in the target itself. */
class TcmallocReaderTest {
  private static final Path LIBRARIES = Path.of("/usr/lib/x86_64-linux-gnu");
  private static final String MINIMAL = "libtcmalloc_minimal.so.4";
  private static final String FULL = "libtcmalloc.so.4";
  private static final int LOOKS = 40;

  @ParameterizedTest
  @CsvSource({
    MINIMAL + ", preloaded, 1",
    MINIMAL + ", preloaded, 6",
    FULL + ", preloaded, 5",
    FULL + ", linked, 3"
  })
  void shouldAgreeWithMallocExtension(String library, String how, int threads) {
    try (CTarget target = start(library, how, threads)) {
      for (String command : new String[] {"refresh", "free", "release"}) {
        long[] truth = truth(target, command);
        TcmallocReport report = read(target, ObjectVisitor.NONE);
        Sums sums = report.sums();
        String text = report.toString();
        assertEquals(1.0, report.recognition().coverage(), text);
        assertEquals(1.0, report.recognition().selfCheck(), text);
        assertEquals(1.0, report.recognition().confidence(), text);
        assertEquals(truth[0], sums.inUseBytes(), text);
        assertEquals(truth[1], sums.threadBytes(), text);
        assertEquals(truth[2], sums.transferBytes(), text);
        assertEquals(truth[4], sums.freeBytes(), text);
        assertEquals(truth[5], sums.returnedBytes(), text);
        assertEquals(truth[6], sums.systemBytes(), text);
        assertBalanced(report);
      }
    }
  }

  /** What spans have left over at their ends counts as free in them, as the library has it. */
  private static void assertBalanced(TcmallocReport report) {
    Balance balance = report.balance();
    Sums sums = report.sums();
    String text = report.toString();
    assertEquals(sums.inUseBytes(), report.handedOutBytes(), text);
    assertEquals(
        sums.systemBytes(),
        balance.residentBytes()
            - balance.bytes(Part.METADATA)
            + balance.bytes(Part.UNTOUCHED)
            + balance.bytes(Part.RETURNED),
        text);
    assertTrue(balance.bytes(Part.METADATA) > 1 << 20, text);
    assertTrue(balance.bytes(Part.PINNED) <= sums.systemBytes() - sums.inUseBytes(), text);
    long census = report.census().stream().mapToLong(SizeClass::bytes).sum();
    assertEquals(sums.inUseBytes(), census, text);
    long free = 0;
    for (SlabFill fill : report.slabFill()) {
      free += fill.classBytes() * (fill.capacity() - fill.live());
      long spans = fill.histogram().stream().mapToLong(Long::longValue).sum();
      assertEquals(fill.slabs(), spans, fill::toString);
    }
    assertEquals(sums.centralBytes(), free, text);
    long objects = report.census().stream().mapToLong(SizeClass::count).sum();
    assertEquals(report.objects(), objects, text);
  }

  @ParameterizedTest
  @CsvSource({MINIMAL + ", preloaded, 4", FULL + ", linked, 5"})
  void shouldShowTheObjectsThatAreInUse(String library, String how, int threads) {
    try (CTarget target = start(library, how, threads)) {
      long[] truth = truth(target, "refresh");
      Map<Long, Long> objects = new HashMap<>();
      long[] strange = new long[1];
      TcmallocReport report =
          read(
              target,
              new ObjectVisitor() {
                @Override
                public void object(long address, long bytes, boolean inUse) {
                  strange[0] += inUse && objects.put(address, bytes) != null ? 1 : 0;
                }

                @Override
                public void cached(long address, long bytes) {
                  Long before = objects.remove(address);
                  strange[0] += before == null || before != bytes ? 1 : 0;
                }
              });
      assertEquals(0, strange[0]);
      assertEquals(truth[0], objects.values().stream().mapToLong(Long::longValue).sum());
      assertEquals(report.objects(), objects.size());
    }
  }

  /**
   * What lies between the program's own figures before and behind a look is no error of the look.
   * One in which the reader itself had to wait for a processor may be off: it is the typical one
   * that must be near, and hardly any may be further off than a tenth.
   */
  @Test
  void shouldComeNearWhileTheProgramAllocates() {
    try (CTarget target = start(FULL, "preloaded", 4)) {
      List<Double> errors = new ArrayList<>();
      long[] before = truth(target, "churn");
      for (int i = 0; i < LOOKS; i++) {
        TcmallocReport report = read(target, ObjectVisitor.NONE);
        long[] after = truth(target, "refresh");
        assertTrue(report.recognition().coverage() > 0.95, report::toString);
        assertTrue(report.recognition().confidence() > 0.95, report::toString);
        long least = Math.min(before[0], after[0]);
        long most = Math.max(before[0], after[0]);
        long seen = report.sums().inUseBytes();
        errors.add((double) Math.max(Math.max(least - seen, seen - most), 0) / most);
        before = after;
      }
      Collections.sort(errors);
      assertTrue(errors.get(LOOKS / 2) < 0.05, errors::toString);
      assertTrue(errors.get(LOOKS * 9 / 10) < 0.1, errors::toString);
    }
  }

  /** RSS says nothing for three minutes of such a leak. */
  @Test
  void shouldSeeALeakThatFirstEatsWhatTheCachesHold() {
    try (CTarget target = start(MINIMAL, "preloaded", 1)) {
      truth(target, "hold");
      TcmallocReport before = read(target, ObjectVisitor.NONE);
      assertTrue(before.balance().bytes(Part.KEPT) > 300_000_000, before::toString);
      for (int i = 0; i < 10; i++) {
        truth(target, "leak");
      }
      TcmallocReport after = read(target, ObjectVisitor.NONE);
      assertTrue(after.inUseBytes() - before.inUseBytes() >= 20_000_000, after::toString);
      long resident = after.balance().residentBytes() - before.balance().residentBytes();
      assertTrue(resident < 2_000_000, after::toString);
      assertEquals(1024, after.census().get(0).chunkBytes());
      assertTrue(after.census().get(0).count() >= 20_000, after::toString);
    }
  }

  @Test
  void shouldTellWhoMadeTheHeapGrow() {
    try (CTarget target = start(FULL, "preloaded", 4)) {
      TcmallocReport report = read(target, ObjectVisitor.NONE);
      assertFalse(report.growths().isEmpty());
      long grown = report.growths().stream().mapToLong(TcmallocReport.HeapGrowth::bytes).sum();
      assertEquals(report.sums().systemBytes(), grown, report::toString);
    }
  }

  @Test
  void shouldSayThatItKnowsNothingWhereThereIsNoTcmalloc() {
    try (CTarget target = CTarget.start("own_malloc")) {
      target.awaitLine("ready");
      TcmallocReport report = read(target, ObjectVisitor.NONE);
      assertFalse(report.recognition().isRecognised());
      assertEquals("tcmalloc's structures were not found", report.recognition().notes().get(0));
      assertEquals(Balance.ZERO, report.balance());
    }
  }

  private static long[] truth(CTarget target, String command) {
    target.send(command);
    String[] words = target.awaitLine("truth").split(" ");
    long[] figures = new long[words.length - 1];
    for (int i = 0; i < figures.length; i++) {
      figures[i] = Long.parseLong(words[i + 1]);
    }
    return figures;
  }

  private static CTarget start(String library, String how, int threads) {
    Path path = LIBRARIES.resolve(library);
    assumeTrue(Files.exists(path), "no " + path);
    boolean linked = how.equals("linked");
    Path program =
        linked
            ? CTarget.compile("tcmalloc_truth", "-Wl,--no-as-needed", path.toString())
            : CTarget.compile("tcmalloc_truth");
    Map<String, String> environment = linked ? Map.of() : Map.of("LD_PRELOAD", path.toString());
    CTarget target = CTarget.start(environment, program, Integer.toString(threads));
    target.awaitLine("ready");
    return target;
  }

  private static TcmallocReport read(CTarget target, ObjectVisitor visitor) {
    return LiveHeap.read(target.pid(), new TcmallocReader(Defaults.WALK), visitor);
  }
}
