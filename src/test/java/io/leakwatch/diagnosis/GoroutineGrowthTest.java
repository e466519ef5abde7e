package io.leakwatch.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.InUse;
import io.leakwatch.heap.OwnerReports;
import io.leakwatch.heap.Recognition;
import io.leakwatch.heap.golang.GoReport;
import io.leakwatch.heap.golang.GoroutineCensus;
import io.leakwatch.heap.golang.GoroutineGroup;
import java.util.List;
import org.junit.jupiter.api.Test;

class GoroutineGrowthTest {
  private static final Recognition KNOWN = new Recognition("1.13-1.20", 1, 1, 1, List.of());

  @Test
  void shouldNameTheStatementThatMadeMost() {
    OwnerReports before = go(waiting("main.serve", 100), waiting("clientv3.NewSession", 12));
    OwnerReports after = go(waiting("clientv3.NewSession", 12_012), waiting("main.serve", 130));
    assertEquals(
        List.of(
            "12000 more goroutines created in clientv3.NewSession, waiting on select"
                + " (now 12012, with 23.5 MiB of stacks)",
            "30 more goroutines created in main.serve, waiting on select"
                + " (now 130, with 260 KiB of stacks)"),
        GoroutineGrowth.between(before, after));
  }

  @Test
  void shouldNotMindWhatComesAndGoesWithRequests() {
    OwnerReports before = go(waiting("net/http.(*Server).Serve", 2_000), waiting("main.run", 1));
    OwnerReports after = go(waiting("net/http.(*Server).Serve", 2_060), waiting("main.run", 18));
    assertEquals(List.of(), GoroutineGrowth.between(before, after));
  }

  @Test
  void shouldBeSilentWhereThereIsNoGo() {
    assertEquals(
        List.of(), GoroutineGrowth.between(OwnerReports.NONE, go(waiting("main.run", 5_000))));
  }

  private static GoroutineGroup waiting(String createdAt, long count) {
    return new GoroutineGroup(createdAt, "main.f", "waiting", "select", count, 2048 * count);
  }

  private static OwnerReports go(GoroutineGroup... groups) {
    return OwnerReports.of(
        new GoReport(
            KNOWN,
            Balance.ZERO,
            InUse.NONE,
            7,
            new GoroutineCensus(groups.length, List.of(groups)),
            List.of()));
  }
}
