package io.leakwatch.agent;

import io.leakwatch.os.OwnScheduling;
import io.leakwatch.proc.KernelFeatures;
import io.leakwatch.proc.OwnNamespaces;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.file.OwnPermissions;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the agent's own surroundings let it do, and what they keep it from. */
public final class SelfCheck {
  private static final double CPU_WEIGHT_TINY = 0.5;

  private SelfCheck() {}

  /**
   * One thing that was checked.
   *
   * @param good whether it is as it should be
   * @param text one line; where it is not good, with what to do
   */
  public record Finding(boolean good, String text) {
    public static Finding good(String text) {
      return new Finding(true, text);
    }

    public static Finding bad(String text) {
      return new Finding(false, text);
    }
  }

  /** Looks at everything. */
  public static List<Finding> findings(ProcFs procFs) {
    List<Finding> findings = new ArrayList<>();
    kernel(procFs.kernelFeatures(), findings);
    permissions(procFs.ownPermissions(), findings);
    mount(procFs, findings);
    namespaces(procFs.ownNamespaces(), procFs.hidesProcesses(), findings);
    signal(procFs, 1, "SIGHUP", "does not make the agent reload its configuration", findings);
    signal(procFs, 15, "SIGTERM", "does not stop the agent", findings);
    scheduling(OwnScheduling.ofCallingThread(), procFs.ownCpuWeight(), findings);
    return findings;
  }

  /** What is not as it should be, a line for each. */
  static List<String> warnings(ProcFs procFs) {
    return findings(procFs).stream().filter(finding -> !finding.good()).map(Finding::text).toList();
  }

  private static void kernel(KernelFeatures kernel, List<Finding> findings) {
    String name = "kernel " + (kernel.release().isEmpty() ? "(unknown)" : kernel.release());
    String problem = kernel.nativeProblem();
    if (problem != null) {
      findings.add(
          Finding.bad(
              problem + ". Without it heaps are not walked, and resident bytes come from smaps"));
      findings.add(Finding.good(name));
      return;
    }
    findings.add(
        Finding.good(
            name
                + (kernel.pageScan()
                    ? ": PAGEMAP_SCAN works, so reading resident bytes hardly stalls a process"
                    : ": no PAGEMAP_SCAN (needs Linux 6.7), so resident bytes come"
                        + " from paced reads of smaps")));
  }

  private static void permissions(OwnPermissions own, List<Finding> findings) {
    if (own.sysPtrace()) {
      findings.add(Finding.good("CAP_SYS_PTRACE: processes of all users can be read"));
    } else {
      findings.add(
          Finding.bad(
              "CAP_SYS_PTRACE is missing: processes of other users cannot be read (run as root, or"
                  + " with AmbientCapabilities=CAP_SYS_PTRACE)"));
    }
    if (own.sysPtrace() && !own.dacReadSearch()) {
      findings.add(
          Finding.bad(
              "CAP_DAC_READ_SEARCH is missing: only its owner can open"
                  + " /proc/PID/pagemap of a process, so heaps of other users' processes"
                  + " are not walked and their resident bytes come from smaps (add it to"
                  + " AmbientCapabilities=)"));
    }
    if ((own.yamaScope() >= 1 && !own.sysPtrace()) || own.yamaScope() == 3) {
      findings.add(
          Finding.bad(
              "kernel.yama.ptrace_scope is "
                  + own.yamaScope()
                  + ": heaps cannot be walked ("
                  + own.missingToReadMemory()
                  + " is missing)"));
    }
  }

  private static void mount(ProcFs procFs, List<Finding> findings) {
    String missing = procFs.missingOfNode();
    if (!missing.isEmpty()) {
      findings.add(Finding.bad(missing));
    }
    if (procFs.hidesProcesses()) {
      findings.add(
          Finding.bad(
              "/proc is mounted with hidepid: processes of other users are invisible"
                  + " (run as root, or with AmbientCapabilities=CAP_SYS_PTRACE)"));
    }
  }

  private static void signal(
      ProcFs procFs, int number, String name, String consequence, List<Finding> findings) {
    if (procFs.ignoresSignal(number)) {
      findings.add(
          Finding.bad(
              name
                  + " was ignored when this program started (by nohup, or as a"
                  + " background job) and stays ignored: it "
                  + consequence
                  + " (start it with systemd or setsid)"));
    }
  }

  private static void namespaces(OwnNamespaces own, boolean hidden, List<Finding> findings) {
    if (!own.hostPids()) {
      findings.add(
          Finding.bad(
              "runs in its own PID namespace: it sees no process outside its"
                  + " container (docker run --pid host, hostPID: true in Kubernetes)"));
    }
    if (!own.hostUsers()) {
      findings.add(
          Finding.bad(
              "runs in its own user namespace: its capabilities do not apply to"
                  + " processes of the node (run it without a user namespace)"));
    }
    if (own.hostPids() && own.hostUsers() && !hidden) {
      findings.add(Finding.good("sees all processes of the node, including those in containers"));
    }
  }

  private static void scheduling(OwnScheduling own, double cpuWeight, List<Finding> findings) {
    if (own.isLow()) {
      findings.add(
          Finding.bad(
              "runs at low priority (nice "
                  + own.nice()
                  + ", policy "
                  + own.policy()
                  + "): a preempted reader stalls its target for seconds; remove Nice= and"
                  + " CPUSchedulingPolicy="));
    }
    if (cpuWeight < CPU_WEIGHT_TINY) {
      findings.add(
          Finding.bad(
              String.format(
                  Locale.ROOT,
                  "has %s of the usual CPU weight: a starved reader stalls its target for"
                      + " seconds; raise CPUWeight= of the agent",
                  Quantity.percent(cpuWeight))));
    }
    if (!own.isLow() && cpuWeight >= CPU_WEIGHT_TINY) {
      findings.add(Finding.good("scheduled as an ordinary process"));
    }
  }
}
