package io.leakwatch.os;

/**
 * How the calling thread is scheduled. A reader that is preempted while it holds a target's
 * mmap_lock stalls the target: 0.85 to 5.8 s were measured at nice 19, 4 to 28 s when
 * idle-scheduled.
 *
 * @param nice -20 to 19; above 0 is a danger to the watched processes
 * @param policy SCHED_OTHER 0, FIFO 1, RR 2, BATCH 3, IDLE 5; -1 when unknown
 */
public record OwnScheduling(int nice, int policy) {
  public static final int SCHED_IDLE = 5;

  private static final int PRIO_PROCESS = 0;

  /** Asks the kernel; without native calls an ordinary thread is assumed. */
  public static OwnScheduling ofCallingThread() {
    return NativeEdge.isAvailable()
        ? new OwnScheduling(LibC.getpriority(PRIO_PROCESS, 0), LibC.sched_getscheduler(0))
        : new OwnScheduling(0, -1);
  }

  /** Whether this thread yields to ordinary ones, which no reader of smaps should. */
  public boolean isLow() {
    return nice > 0 || policy == SCHED_IDLE;
  }
}
