package io.leakwatch.incident;

import io.leakwatch.proc.identity.ProcessId;

/** Diagnoses one process at a time. */
public interface Diagnoser extends AutoCloseable {
  /** Diagnoses; returns in a time that is bounded, whatever the process does. */
  DiagnosisResult diagnose(ProcessId process) throws InterruptedException;

  /** Ends the diagnosis that is under way; for any thread. */
  @Override
  void close();
}
