package io.leakwatch.proc;

import io.leakwatch.os.NativeEdge;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.ProcFile;
import io.leakwatch.proc.memory.Pagemap;
import io.leakwatch.proc.memory.ReadBuffers;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What this node's kernel offers to a watcher.
 *
 * @param release e.g. {@code 6.1.0-28-amd64}; {@code ""} when unknown
 * @param pageScan PAGEMAP_SCAN (6.7): resident bytes per mapping with tiny stalls
 * @param smapsRollup smaps_rollup (4.14)
 * @param nativeProblem why native calls do not work, {@code null} when they do
 */
public record KernelFeatures(
    String release, boolean pageScan, boolean smapsRollup, @Nullable String nativeProblem) {

  static KernelFeatures read(Path procRoot) {
    Path self = procRoot.resolve("self");
    try (Pagemap pagemap = new Pagemap(self, new ReadBuffers())) {
      boolean scans = pagemap.open() instanceof Outcome.Sampled<Boolean> sampled && sampled.value();
      return new KernelFeatures(
          release(procRoot),
          scans,
          ProcFile.isThere(self.resolve("smaps_rollup")),
          NativeEdge.problem());
    }
  }

  private static String release(Path procRoot) {
    try {
      return ProcFile.text(procRoot.resolve("sys/kernel/osrelease"), 256).strip();
    } catch (IOException e) {
      return ""; // Documented as unknown.
    }
  }
}
