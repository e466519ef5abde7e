package io.leakwatch.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.ObjectVisitor;
import io.leakwatch.inspection.ExecutableCache;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.region.RegionMap;
import org.junit.jupiter.api.Test;

class DiagnosisSamplerTest {
  @Test
  void shouldKnowTheHeapOfAProcessThatBeganToAllocateBetweenTheLooks() {
    ProcFs procFs = ProcFs.live();
    try (CTarget target = CTarget.start("late_malloc")) {
      target.awaitLine("ready");
      try (ProcessReader reader = value(procFs.open(value(procFs.identify(target.pid())).id()))) {
        DiagnosisSampler sampler =
            new DiagnosisSampler(
                reader,
                new ExecutableCache(null),
                new RegionMap(),
                Defaults.WALK,
                false,
                new LiveCourse(DiagnosisProgress.SILENT));
        value(sampler.exact(owner -> ObjectVisitor.NONE));
        assertNotEquals("", sampler.heapUnknown());
        target.send("");
        target.awaitLine("grown");
        value(sampler.exact(owner -> ObjectVisitor.NONE));
        assertEquals("", sampler.heapUnknown());
        sampler.between();
        assertEquals(3, sampler.points().size());
        assertTrue(Double.isNaN(sampler.points().get(0).inUseBytes()));
        assertFalse(Double.isNaN(sampler.points().get(2).inUseBytes()));
      }
    }
  }

  private static <T> T value(Outcome<T> outcome) {
    return ((Outcome.Sampled<T>) outcome).value();
  }
}
