package io.leakwatch.proc.identity;

import io.leakwatch.proc.file.ProcStat;

/**
 * The identity of one incarnation of a process on one node. A pid alone is never a key, because
 * pids are reused; the start time in clock ticks since boot tells two holders of one pid apart, the
 * boot id tells two boots apart, and the image tells what a process was before an exec from what it
 * is since: another program, and other memory, under the same pid and start time.
 *
 * @param pid process id in the namespace of the /proc that was read
 * @param startTicks field 22 of /proc/PID/stat, in clock ticks after boot
 * @param bootId /proc/sys/kernel/random/boot_id
 * @param image differs from program to program that the process executes, as {@link ProcStat#image}
 *     says; 0 where it may not be known
 */
public record ProcessId(int pid, long startTicks, String bootId, long image) {

  /** What tells the samples of one incarnation from those of others, in the history too. */
  public String incarnation() {
    return image == 0 ? start() : start() + "/" + Long.toHexString(image);
  }

  /** The same without the program that it executes, as it was recorded up to version 0.1.0. */
  public String start() {
    return bootId + "/" + pid + "/" + startTicks;
  }

  /** Whether both mean one incarnation, as far as its image is known to both. */
  public boolean isSameAs(ProcessId other) {
    return pid == other.pid
        && startTicks == other.startTicks
        && bootId.equals(other.bootId)
        && isSameImage(image, other.image);
  }

  public static boolean isSameImage(long one, long other) {
    return one == 0 || other == 0 || one == other;
  }
}
