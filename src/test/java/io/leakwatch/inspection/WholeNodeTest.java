package io.leakwatch.inspection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.CTarget;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessReader;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ReadMeter;
import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.MappingTable.Field;
import io.leakwatch.region.Classification;
import io.leakwatch.region.Layout;
import io.leakwatch.region.RegionMap;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.Test;

/** Classification of whatever runs on this machine, with the memory read. */
class WholeNodeTest {
  private final ProcFs node = ProcFs.live();
  private final RegionMap regions = new RegionMap();
  private final ExecutableCache images = new ExecutableCache(regions);
  private final MappingTable table = new MappingTable();

  @Test
  void shouldAddUpTheKindsOfEveryProcessToItsFigures() {
    try (CTarget arenas = CTarget.start("two_arenas");
        CTarget mixed = CTarget.start("mixed_regions");
        CTarget own = CTarget.start("own_malloc")) {
      Set<Integer> ours = new HashSet<>();
      for (CTarget target : new CTarget[] {arenas, mixed, own}) {
        target.awaitLine("ready");
        ours.add(target.pid());
      }
      ours.add((int) ProcessHandle.current().pid());
      for (int pid : node.pids()) {
        if (node.id(pid).flatMap(node::open) instanceof Outcome.Sampled<ProcessReader> opened) {
          try (ProcessReader reader = opened.value()) {
            Outcome<Classification> looked =
                reader
                    .smaps(table, ReadMeter.UNPACED)
                    .flatMap(read -> images.classify(read, reader));
            if (looked instanceof Outcome.Sampled<Classification> seen && table.size() > 0) {
              check(pid, seen.value().layout());
              ours.remove(pid);
            }
          }
        }
      }
      assertTrue(ours.isEmpty(), "not looked at: " + ours);
    }
  }

  private void check(int pid, Layout layout) {
    String who = "pid " + pid + ": " + layout.kinds();
    assertEquals(table.total(Field.RSS), sum(layout, Layout.Totals::residentBytes), who);
    assertEquals(table.total(Field.ANONYMOUS), sum(layout, Layout.Totals::anonymousBytes), who);
    assertEquals(table.total(Field.SWAP), sum(layout, Layout.Totals::swapBytes), who);
    assertEquals(table.total(Field.LAZY_FREE), sum(layout, Layout.Totals::lazyFreeBytes), who);
    long mapped = 0;
    for (int i = 0; i < table.size(); i++) {
      mapped += table.lengthBytes(i);
      assertEquals(table.start(i), regions.start(regions.firstRegion(i)), who);
      assertEquals(table.end(i), regions.end(regions.firstRegion(i + 1) - 1), who);
    }
    assertEquals(mapped, sum(layout, Layout.Totals::mappedBytes), who);
  }

  private static long sum(Layout layout, ToLongFunction<Layout.Totals> figure) {
    return layout.kinds().values().stream().mapToLong(figure).sum();
  }
}
