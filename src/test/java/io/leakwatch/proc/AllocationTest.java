package io.leakwatch.proc;

import static io.leakwatch.proc.Sampled.value;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.leakwatch.harness.CTarget;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.memory.MappingTable;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** That a look at a process with thousands of mappings leaves no garbage behind. */
final class AllocationTest {
  private static final int MAPPINGS = 3_000;
  private static final long BYTES_MAX = 8 * 1024;

  @Test
  void shouldAllocateNothingPerMapping() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    ProcFs node = ProcFs.live();
    try (CTarget target = CTarget.start("many_mappings", Integer.toString(MAPPINGS))) {
      target.awaitLine("ready");
      ProcessId id = value(node.identify(target.pid())).id();
      try (ProcessReader reader = value(node.open(id))) {
        MappingTable table = new MappingTable();
        for (int i = 0; i < 3; i++) {
          value(reader.smaps(table, ReadMeter.UNPACED));
          value(reader.scan(table, ReadMeter.UNPACED));
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        value(reader.smaps(table, ReadMeter.UNPACED));
        long smapsBytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(table.size() >= MAPPINGS, table.size() + " mappings");
        assertTrue(smapsBytes < BYTES_MAX, smapsBytes + " bytes allocated by smaps");
        before = threads.getCurrentThreadAllocatedBytes();
        value(reader.maps(table, ReadMeter.UNPACED));
        long mapsBytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(mapsBytes < BYTES_MAX, mapsBytes + " bytes allocated by maps");
      }
    }
  }
}
