package io.leakwatch.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Configuration;
import io.leakwatch.config.ConfigurationProblem;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.export.profile.HeapProfile;
import io.leakwatch.harness.CTarget;
import io.leakwatch.heap.MemoryProfile.Frame;
import io.leakwatch.heap.content.Masking;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.target.ProcessFinder;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a process holds, where its allocator knows no more than sizes. */
class ProfileRunTest {
  private static HeapProfile profile(CTarget target) throws ConfigurationProblem {
    ProcFs procFs = ProcFs.live();
    Configuration configuration = Configuration.load(null);
    return ProfileRun.of(
            procFs,
            configuration,
            ProcessFinder.onThisNode(procFs, new TargetMatcher(configuration.targets()))
                .find(Integer.toString(target.pid())),
            Masking.none(),
            false,
            (step, share) -> {})
        .profile();
  }

  private static HeapProfile.Sample first(HeapProfile profile, String what) {
    return profile.samples().stream()
        .filter(sample -> sample.frames().get(0).name().contains(what))
        .findFirst()
        .orElseThrow(() -> new AssertionError(what + " is not in " + profile));
  }

  @Test
  void shouldTellWhatIsHeldAndByWhom() throws ConfigurationProblem {
    try (CTarget target = CTarget.start("suspects", "map")) {
      target.awaitLine("ready");
      target.send("grow");
      target.awaitLine("grown");
      HeapProfile before = profile(target);
      HeapProfile.Sample nodes = first(before, "std::map or std::set node of topology::Lease");
      assertEquals("malloc", nodes.owner());
      assertEquals(112 * nodes.objects(), nodes.bytes());
      List<String> frames = nodes.frames().stream().map(Frame::name).toList();
      assertTrue(frames.get(frames.size() - 1).contains("leases"), frames::toString);
      target.send("grow");
      target.awaitLine("grown");
      HeapProfile.Sample gained = first(profile(target).since(before), "topology::Lease");
      assertEquals(112 * gained.objects(), gained.bytes());
      assertTrue(gained.objects() >= 1000, gained::toString);
    }
  }

  /** No byte in use is left out. */
  @Test
  void shouldAddUpToWhatIsInUse() throws ConfigurationProblem {
    try (CTarget target = CTarget.start("suspects", "strings")) {
      target.awaitLine("ready");
      for (int i = 0; i < 20; i++) {
        target.send("grow");
        target.awaitLine("grown");
      }
      HeapProfile profile = profile(target);
      long sum =
          profile.samples().stream()
              .filter(sample -> sample.owner().equals("malloc"))
              .mapToLong(HeapProfile.Sample::bytes)
              .sum();
      long strings = first(profile, "session-…").bytes();
      assertTrue(strings > sum / 3, profile::toString);
      assertTrue(sum >= strings + 72_000, profile::toString); // libstdc++'s emergency pool, too.
    }
  }
}
