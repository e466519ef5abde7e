package io.leakwatch.proc.memory;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** That terabytes which a program has only reserved cost few questions to the kernel. */
class ReservedMemoryTest {
  private static final long QUESTIONS_MAX = 8_000;

  @Test
  void aReservationShouldBePassedInLargeWindows() {
    try (CTarget target = CTarget.start("reserver", "reserved")) {
      target.awaitLine("ready");
      ProcFs procFs = ProcFs.live();
      MappingTable table = new MappingTable();
      try (ProcessReader reader =
              sampled(procFs.open(sampled(procFs.identify(target.pid())).id()));
          Pagemap pagemap =
              new Pagemap(Path.of("/proc", Integer.toString(target.pid())), new ReadBuffers())) {
        sampled(reader.maps(table, ReadMeter.UNPACED));
        assumeTrue(sampled(pagemap.open()), "this kernel has no PAGEMAP_SCAN");
        long[] questions = new long[1];
        ReadMeter counting =
            new ReadMeter() {
              @Override
              public void before() {
                questions[0]++;
              }

              @Override
              public void after() {}
            };
        sampled(ResidentScan.fill(pagemap, table, counting));
        assertTrue(questions[0] < QUESTIONS_MAX, questions[0] + " questions for 8 TiB");
        assertTrue(table.total(MappingTable.Field.RSS) > 0);
      }
    }
  }

  private static <T> T sampled(Outcome<T> outcome) {
    if (outcome instanceof Outcome.Sampled<T> sampled) {
      return sampled.value();
    }
    throw new AssertionError(outcome);
  }
}
