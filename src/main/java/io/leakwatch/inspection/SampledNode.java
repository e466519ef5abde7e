package io.leakwatch.inspection;

import io.leakwatch.proc.Processes;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import java.util.List;

/**
 * A node as the sampler reads it. {@link LiveNode} is the one that this program runs on; a
 * simulation has another.
 */
public interface SampledNode extends Processes {
  /** Opens a process to read it again and again. For the sampler thread. */
  Outcome<SampledProcess> open(ProcessId id);

  /** GNU build id of the executable in hex, {@code ""} when unknown. */
  String buildId(ProcessInfo info);

  /** What tells the executable from others; {@code ""} where it may not be read. */
  String build(ProcessInfo info);

  /**
   * Walks once, paced, through what a process has by the allocators named. For one thread of its
   * own.
   */
  HeapWalk walk(ProcessId id, List<String> allocators);
}
