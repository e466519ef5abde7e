package io.leakwatch.inspection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.RssBalance;
import io.leakwatch.export.StackUse;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.Balance;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.Allocator;
import io.leakwatch.target.ProcessFinder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The resident memory of live programs is explained, line by line. */
class BalanceLiveTest {
  private static final double UNEXPLAINED_MAX = 0.02;

  @ParameterizedTest
  @CsvSource({"mixed, 1, 64", "mixed, 6, 200"})
  void residentMemoryShouldBeExplained(String mode, int threads, int megabytes) {
    try (CTarget target =
        CTarget.start("heaptruth", mode, Integer.toString(threads), Integer.toString(megabytes))) {
      target.awaitLine("ready");
      RssBalance balance = explained(target);
      RssBalance.Line glibc = balance.owners().get(0);
      assertEquals(Allocator.PTMALLOC, glibc.owner());
      long explained = glibc.balance().residentBytes();
      assertTrue(
          Math.abs(explained - glibc.residentBytes()) < UNEXPLAINED_MAX * glibc.residentBytes(),
          () -> glibc.balance() + " of " + glibc.residentBytes());
      assertTrue(glibc.balance().bytes(Balance.Part.PINNED) > 0, glibc.balance()::toString);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-XX:+UseG1GC", "-XX:+UseParallelGC", "-XX:+UseSerialGC"})
  void residentMemoryOfAJvmShouldBeExplained(String collector) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String program = "io.leakwatch.heap.hotspot.JavaTarget";
    try (CTarget target =
        CTarget.launch(
            Map.of(),
            List.of(java, "-Xmx256m", collector, "-cp", "target/test-classes", program))) {
      target.awaitLine("ready");
      target.send("leak 100000");
      target.awaitLine("ready");
      RssBalance balance = explained(target);
      RssBalance.Line jvm = balance.owners().get(1);
      assertEquals(Allocator.JVM, jvm.owner());
      long explained = jvm.balance().residentBytes();
      assertTrue(
          Math.abs(explained - jvm.residentBytes()) < UNEXPLAINED_MAX * balance.residentBytes(),
          () -> jvm.balance() + " of " + jvm.residentBytes());
    }
  }

  /** The balance, which leaves hardly anything open. */
  private static RssBalance explained(CTarget target) {
    ProcessView view = inspect(target.pid());
    Layout layout = view.memory().layout();
    assertNotNull(layout);
    RssBalance balance = RssBalance.of(layout, view.heaps().owners());
    assertTrue(
        balance.unexplainedBytes() < UNEXPLAINED_MAX * balance.residentBytes(),
        () -> balance.unexplainedBytes() + " of " + balance.residentBytes());
    return balance;
  }

  @Test
  void stacksWithoutAThreadShouldBeToldFromThoseWithOne() {
    try (CTarget target = CTarget.start("stacks", "5", "3", "40")) {
      target.awaitLine("ready");
      StackUse stacks = inspect(target.pid()).heaps().stacks();
      assertNotNull(stacks);
      assertEquals(48, stacks.count(), stacks::toString);
      assertEquals(43, stacks.withoutThread(), stacks::toString);
      assertEquals(new StackUse.Size(1 << 20, 40, 40), stacks.sizes().get(0));
      assertTrue(stacks.withoutThreadBytes() >= 40 * 8192, stacks::toString);
    }
  }

  private static ProcessView inspect(int pid) {
    ProcFs procFs = ProcFs.live();
    ProcessInfo info = ((Outcome.Sampled<ProcessInfo>) procFs.identify(pid)).value();
    return new Inspection(Defaults.WALK, Defaults.CONTENT)
        .of(procFs, new ProcessFinder.Named("one", info), Instant.EPOCH);
  }
}
