package io.leakwatch.proc;

import static io.leakwatch.proc.Sampled.value;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.MappingTable.Field;
import org.junit.jupiter.api.Test;

/** Looks at processes that end while they are looked at, as a whole or in part. */
final class EndingProcessTest {
  private static final int MAPPINGS = 3_000;
  private static final long HELD_BYTES = 4L << 20;

  private final ProcFs node = ProcFs.live();

  /** Does something once, after some of the reads of a look. */
  private record Interruption(int[] reads, Runnable action) implements ReadMeter {
    @Override
    public void before() {}

    @Override
    public void after() {
      if (--reads[0] == 0) {
        action.run();
      }
    }
  }

  private static ReadMeter afterReads(int reads, Runnable action) {
    return new Interruption(new int[] {reads}, action);
  }

  @Test
  void shouldDropTheLookAtAProcessThatDiesInItsMiddle() {
    for (int reads : new int[] {1, 20, 200}) {
      try (CTarget target = CTarget.start("many_mappings", Integer.toString(MAPPINGS))) {
        target.awaitLine("ready");
        try (ProcessReader reader = open(target)) {
          MappingTable table = new MappingTable();
          assertInstanceOf(
              Outcome.Vanished.class, reader.smaps(table, afterReads(reads, target::close)));
          assertTrue(table.size() < MAPPINGS, "all was read before the end");
        }
      }
    }
  }

  /** The kernel lets go of the mappings some time before it calls the process a zombie. */
  @Test
  void shouldNeverTakeHalfOfADyingProcessForAll() {
    MappingTable table = new MappingTable();
    int vanished = 0;
    for (int round = 0; round < 20; round++) {
      try (CTarget target = CTarget.start("many_mappings", Integer.toString(MAPPINGS))) {
        target.awaitLine("ready");
        try (ProcessReader reader = open(target)) {
          ProcessHandle handle = ProcessHandle.of(target.pid()).orElseThrow();
          Outcome<MappingTable> outcome =
              reader.smaps(table, afterReads(20, handle::destroyForcibly));
          if (outcome instanceof Outcome.Sampled) {
            assertTrue(table.size() >= MAPPINGS, table.size() + " mappings");
          } else {
            assertInstanceOf(Outcome.Vanished.class, outcome);
            vanished++;
          }
        }
      }
    }
    assertTrue(vanished > 0, "no process died in the middle");
  }

  @Test
  void shouldSeeTheMemoryThatOtherThreadsHoldAfterTheMainThreadEnded() {
    try (CTarget target = CTarget.start("end_main")) {
      long block = Long.parseLong(target.awaitLine("ready").split(" ", -1)[1], 16);
      ProcessInfo info = value(node.identify(target.pid()));
      assertFalse(info.zombie());
      assertTrue(info.program().exe().endsWith("/target/c/end_main"), info.program().exe());
      assertEquals(1, info.program().commandLine().size());
      try (ProcessReader reader = value(node.open(info.id()))) {
        assertTrue(value(reader.status()).rss().anonBytes() >= HELD_BYTES);
        MappingTable exact = value(reader.smaps(new MappingTable(), ReadMeter.UNPACED));
        assertTrue(exact.total(Field.RSS) >= HELD_BYTES);
        MappingTable scanned = value(reader.scan(new MappingTable(), ReadMeter.UNPACED));
        assertEquals(exact.total(Field.RSS), scanned.total(Field.RSS));
        assertEquals(0x0101010101010101L, reader.memory().readLong(block).orElseThrow());
        target.close();
        assertInstanceOf(Outcome.Vanished.class, reader.smaps(exact, ReadMeter.UNPACED));
        assertInstanceOf(Outcome.Vanished.class, reader.status());
      }
      assertInstanceOf(Outcome.Vanished.class, node.open(info.id()));
    }
  }

  private ProcessReader open(CTarget target) {
    return value(node.open(value(node.identify(target.pid())).id()));
  }
}
