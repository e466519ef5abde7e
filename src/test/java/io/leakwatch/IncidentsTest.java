package io.leakwatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Scrape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The two incidents that leakwatch was made for, and the growth of arenas that is none: told apart
 * by what the allocator holds, through the whole daemon at a fast pace.
 */
@Tag("acceptance")
class IncidentsTest {

  @Test
  void shouldTellLeakPinnedAndHeldMemoryApart(@TempDir Path directory) throws IOException {
    Path configuration =
        AgentProcess.fastConfiguration(
            directory,
            """
            targets = [
              { name = mds, program = leak_threads }
              { name = chunkserver, program = pinned_heap }
              { name = hog, program = wandering_hog }
            ]
            """);
    try (CTarget mds = CTarget.start("leak_threads", "4", "2000000", "500");
        CTarget chunkserver = CTarget.start("pinned_heap", "150000000", "8000");
        CTarget hog = CTarget.start("wandering_hog", "10", "30000000", "1500");
        AgentProcess agent = AgentProcess.run(configuration)) {
      agent.await("incident A", scrape -> isVerdict(scrape, "mds", "leak"));

      assertEquals("freed", chunkserver.awaitLine("freed"));
      Scrape pinned =
          agent.await("incident B", scrape -> isVerdict(scrape, "chunkserver", "pinned"));
      double pinnedBytes = pinned.value("chunkserver", "leakwatch_process_heap_pinned_bytes");
      assertTrue(pinnedBytes > 0.95 * 150e6, () -> pinnedBytes + " bytes pinned");
      double inUseBytes = pinned.value("chunkserver", "leakwatch_process_heap_in_use_bytes");
      assertTrue(inUseBytes < 1e6, () -> inUseBytes + " bytes in use");

      assertEquals("done", hog.awaitLine("done"));
      agent.await("high-water marks", scrape -> isVerdict(scrape, "hog", "held"));
      assertTrue(mds.isAlive());
    }
  }

  @Test
  void shouldTellALeakFromWhatJemallocSaysOfItself(@TempDir Path directory) throws IOException {
    Path library = Path.of("/usr/lib/x86_64-linux-gnu/libjemalloc.so.2");
    assumeTrue(Files.exists(library), "no libjemalloc2");
    Path configuration =
        AgentProcess.fastConfiguration(
            directory, "targets = [ { name = cache, program = leak_threads } ]");
    Map<String, String> preload = Map.of("LD_PRELOAD", library.toString());
    Path program = CTarget.compile("leak_threads");
    try (CTarget target = CTarget.start(preload, program, "4", "2000000", "500");
        AgentProcess agent = AgentProcess.run(configuration)) {
      Scrape told = agent.await("a leak", scrape -> isVerdict(scrape, "cache", "leak"));
      double inUse = told.value("cache", "leakwatch_process_heap_in_use_bytes");
      double anonymous = told.value("cache", "leakwatch_process_anonymous_bytes");
      assertTrue(inUse > anonymous / 2, () -> inUse + " in use of " + anonymous);
      assertTrue(target.isAlive());
    }
  }

  private static boolean isVerdict(Scrape scrape, String process, String verdict) {
    return scrape.mentions(process) && verdict.equals(scrape.verdict(process));
  }
}
