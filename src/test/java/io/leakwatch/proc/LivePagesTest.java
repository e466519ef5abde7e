package io.leakwatch.proc;

import static io.leakwatch.proc.Sampled.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.os.RemoteMemory;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.MappingTable.Field;
import io.leakwatch.proc.memory.ProcessMemory;
import io.leakwatch.proc.memory.Residency;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Looks at a live child whose pages are in every state, and at what that does to it. */
final class LivePagesTest {
  private static final long MIB = 1L << 20;

  private final ProcFs node = ProcFs.live();
  private CTarget target;
  private ProcessReader reader;
  private long written;
  private long half;
  private long untouched;
  private long zero;
  private long none;

  @BeforeEach
  void start() {
    target = CTarget.start("proc_pages");
    addresses();
    ProcessInfo info = value(node.identify(target.pid()));
    reader = value(node.open(info.id()));
  }

  private void addresses() {
    String[] words = target.awaitLine("ready").split(" ", -1);
    written = Long.parseLong(words[1], 16);
    half = Long.parseLong(words[2], 16);
    untouched = Long.parseLong(words[3], 16);
    zero = Long.parseLong(words[4], 16);
    none = Long.parseLong(words[5], 16);
  }

  @AfterEach
  void stop() {
    reader.close();
    target.close();
  }

  @Test
  void shouldTellWhoTheChildIs() {
    ProcessInfo info = value(node.identify(target.pid()));
    assertEquals("proc_pages", info.program().comm());
    assertTrue(info.program().exe().endsWith("/target/c/proc_pages"), info.program().exe());
    assertEquals(1, info.program().commandLine().size());
    assertEquals(0, info.uid());
    assertTrue(Math.abs(info.startTime().toEpochMilli() - System.currentTimeMillis()) < 3_600_000);
  }

  @Test
  void shouldFindTheSameResidencyByScanAndBySmaps() {
    MappingTable exact = value(reader.smaps(new MappingTable(), ReadMeter.UNPACED));
    MappingTable scanned = value(reader.scan(new MappingTable(), ReadMeter.UNPACED));
    assertEquals(exact.size(), scanned.size());
    for (int i = 0; i < exact.size(); i++) {
      assertEquals(exact.start(i), scanned.start(i));
      assertEquals(exact.name(i), scanned.name(i));
      assertEquals(
          exact.get(i, Field.RSS),
          scanned.get(i, Field.RSS),
          Long.toHexString(exact.start(i)) + exact.name(i));
      assertEquals(exact.get(i, Field.SWAP), scanned.get(i, Field.SWAP));
    }
    assertEquals(0, exact.malformedLines());
    assertEquals(4 * MIB, rss(exact, written));
    assertEquals(2 * MIB, rss(exact, half));
    assertEquals(0, rss(scanned, untouched));
    assertEquals(0, rss(scanned, zero));
    assertEquals(MIB, rss(scanned, none));
    assertTrue(exact.has(Field.LAZY_FREE) && exact.hasFlags());
  }

  @Test
  void shouldReadWhatIsPresentAndNothingElse() {
    ProcessMemory memory = reader.memory();
    assertEquals(written + 8, memory.readLong(written + 8).orElseThrow());
  }

  @Test
  void shouldFindNothingInTheHalfOfTheKernel() {
    Residency residency = new Residency();
    value(reader.memory().residency(-64 * MIB, -60 * MIB, residency, ReadMeter.UNPACED));
    assertEquals(0, residency.count());
    assertEquals(
        0, value(reader.memory().presentBytes(1L << 63, (1L << 63) + MIB, ReadMeter.UNPACED)));
  }

  @Test
  void shouldNotTouchThePagesOfTheTarget() {
    Status before = value(reader.status());
    ProcessMemory memory = reader.memory();
    ByteBuffer buffer = RemoteMemory.allocate((int) (4 * MIB));
    assertEquals(2 * MIB, memory.read(half, buffer));
    assertEquals(0, memory.read(untouched, buffer.clear()));
    assertEquals(0, memory.read(none + 2 * MIB, buffer.clear()));
    assertTrue(memory.readLong(untouched + MIB).isEmpty());
    Residency residency = new Residency();
    value(memory.residency(untouched, untouched + 4 * MIB, residency, ReadMeter.UNPACED));
    assertEquals(0, residency.count());
    value(memory.residency(half, half + 4 * MIB, residency, ReadMeter.UNPACED));
    assertEquals(2 * MIB, residency.presentBytes());
    assertTrue(residency.covers(half, half + 2 * MIB));
    Status after = value(reader.status());
    assertEquals(before.rss().anonBytes(), after.rss().anonBytes());
    assertEquals(before.pageTableBytes(), after.pageTableBytes());
    assertEquals(before.swapBytes(), after.swapBytes());
  }

  @Test
  void shouldTakeAnExecForTheEndOfOneIncarnationAndTheBeginOfAnother() {
    ProcessId before = reader.id();
    value(reader.smaps(new MappingTable(), ReadMeter.UNPACED));
    value(reader.scan(new MappingTable(), ReadMeter.UNPACED));
    target.send("exec");
    addresses();
    assertInstanceOf(Outcome.Vanished.class, reader.status());
    assertInstanceOf(Outcome.Vanished.class, reader.smaps(new MappingTable(), ReadMeter.UNPACED));
    ProcessId after = value(node.id(target.pid()));
    assertEquals(before.startTicks(), after.startTicks());
    assertFalse(before.isSameAs(after));
    try (ProcessReader again = value(node.open(after))) {
      MappingTable exact = value(again.smaps(new MappingTable(), ReadMeter.UNPACED));
      assertEquals(4 * MIB, rss(exact, written));
      MappingTable scanned = value(again.scan(new MappingTable(), ReadMeter.UNPACED));
      assertEquals(4 * MIB, rss(scanned, written));
    }
  }

  @Test
  void shouldVanishWithTheProcess() {
    MappingTable table = new MappingTable();
    value(reader.smaps(table, ReadMeter.UNPACED));
    value(reader.scan(table, ReadMeter.UNPACED));
    target.close();
    assertInstanceOf(Outcome.Vanished.class, reader.status());
    assertInstanceOf(Outcome.Vanished.class, reader.smaps(table, ReadMeter.UNPACED));
    assertInstanceOf(Outcome.Vanished.class, reader.scan(table, ReadMeter.UNPACED));
    assertInstanceOf(Outcome.Vanished.class, node.identify(target.pid()));
    assertEquals(
        ProcessMemory.GONE, reader.memory().readPresent(written, RemoteMemory.allocate(8)));
  }

  private static long rss(MappingTable table, long address) {
    for (int i = 0; i < table.size(); i++) {
      if (table.start(i) == address) {
        return table.get(i, Field.RSS);
      }
    }
    throw new AssertionError("no mapping at " + Long.toHexString(address));
  }
}
