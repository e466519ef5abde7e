package io.leakwatch.app;

import io.leakwatch.os.NativeEdge;
import io.leakwatch.proc.ProcFs;
import java.util.ArrayList;
import java.util.List;

/** What in the agent's own surroundings keeps it from doing its work well. */
final class SelfCheck {
  private SelfCheck() {}

  /** One line for each thing, with what to do about it. */
  static List<String> warnings(ProcFs procFs) {
    List<String> warnings = new ArrayList<>();
    String problem = NativeEdge.problem();
    if (problem != null) {
      warnings.add(problem);
    }
    return warnings;
  }
}
