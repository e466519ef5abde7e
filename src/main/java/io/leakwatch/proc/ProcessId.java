package io.leakwatch.proc;

/**
 * The identity of one incarnation of a process on one node. A pid alone is never a key, because
 * pids are reused; the start time in clock ticks since boot tells two holders of one pid apart, and
 * the boot id tells two boots apart.
 *
 * @param pid process id in the namespace of the /proc that was read
 * @param startTicks field 22 of /proc/PID/stat, in clock ticks after boot
 * @param bootId /proc/sys/kernel/random/boot_id
 */
public record ProcessId(int pid, long startTicks, String bootId) {}
