package io.leakwatch.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.CTarget;
import io.leakwatch.heap.ChunkVisitor;
import io.leakwatch.heap.WalkSettings;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.region.RegionMap;
import org.junit.jupiter.api.Test;

class DiagnosisLooksTest {
  @Test
  void shouldKnowTheHeapOfAProcessThatBeganToAllocateBetweenTheLooks() {
    ProcFs procFs = ProcFs.live();
    try (CTarget target = CTarget.start("late_malloc")) {
      target.awaitLine("ready");
      try (ProcessReader reader = value(procFs.open(value(procFs.identify(target.pid())).id()))) {
        DiagnosisLooks looks =
            new DiagnosisLooks(
                reader, new Images(procFs, null), new RegionMap(), WalkSettings.DEFAULT, false);
        value(looks.exact(ChunkVisitor.NONE));
        assertNotEquals("", looks.heapUnknown());
        target.send("");
        target.awaitLine("grown");
        value(looks.exact(ChunkVisitor.NONE));
        assertEquals("", looks.heapUnknown());
        looks.between();
        assertEquals(3, looks.points().size());
        assertTrue(Double.isNaN(looks.points().get(0).inUseBytes()));
        assertFalse(Double.isNaN(looks.points().get(2).inUseBytes()));
      }
    }
  }

  private static <T> T value(Outcome<T> outcome) {
    return ((Outcome.Sampled<T>) outcome).value();
  }
}
