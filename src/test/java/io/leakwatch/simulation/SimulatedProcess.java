package io.leakwatch.simulation;

import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One incarnation of a simulated server: how much memory it has at any time, and how it ends. Times
 * are seconds since the simulation began.
 */
final class SimulatedProcess {
  private static final double DAY = 86_400;
  private static final double MIB = 1 << 20;

  /**
   * What a server does with its memory through all its incarnations.
   *
   * @param name its number, as its command line has it
   * @param baseMib after its start
   * @param fillMib that a cache fills up to, with a time constant of {@code fillDays}
   * @param swingMib between the quietest and the busiest hour of a day
   * @param leakMibPerDay from {@code leakFrom} on
   * @param limitMib where the kernel kills it, 0 for never
   * @param runsSeconds after which it ends by itself
   * @param execsAfterSeconds after which it executes the server; 0 where it is the server at once
   */
  record Habits(
      String name,
      double baseMib,
      double fillMib,
      double fillDays,
      double swingMib,
      double leakMibPerDay,
      double leakFrom,
      double limitMib,
      double runsSeconds,
      double execsAfterSeconds) {

    static Habits draw(int number, SplittableRandom random) {
      boolean leaks = random.nextInt(3) == 0;
      boolean bounded = random.nextInt(3) == 0;
      double base = Math.exp(random.nextDouble(Math.log(50), Math.log(4000)));
      double leak = leaks ? base * Math.exp(random.nextDouble(Math.log(0.02), Math.log(1))) : 0;
      return new Habits(
          Integer.toString(8200 + number),
          base,
          random.nextBoolean() ? base * random.nextDouble(2) : 0,
          random.nextDouble(0.05, 1),
          random.nextBoolean() ? base * random.nextDouble(0.5) : base * 0.01,
          leak,
          leaks ? DAY * random.nextDouble(20) : 0,
          bounded ? base * 6 : 0,
          random.nextInt(4) == 0 ? random.nextDouble(900, 5 * DAY) : Double.POSITIVE_INFINITY,
          random.nextInt(4) == 0 ? random.nextDouble(5, 900) : 0);
    }

    boolean leaksBy(double seconds) {
      return leakMibPerDay > 0 && seconds > leakFrom;
    }
  }

  final Habits habits;
  final int pid;
  final int build;
  final double startSeconds;
  private final long startTicks;
  private final Instant startTime;
  private final long noiseSeed;

  SimulatedProcess(Habits habits, int pid, int build, double startSeconds, Instant startTime) {
    this.habits = habits;
    this.pid = pid;
    this.build = build;
    this.startSeconds = startSeconds;
    this.startTicks = (long) (startSeconds * 100) + 1_000_000_000L;
    this.startTime = startTime;
    this.noiseSeed = pid * 0x9e3779b97f4a7c15L;
  }

  /** Anonymous bytes at a time. */
  long anonBytes(double seconds) {
    double age = seconds - startSeconds;
    double mib =
        habits.baseMib
            + habits.fillMib * (1 - Math.exp(-age / (habits.fillDays * DAY)))
            + habits.swingMib * (1 + Math.sin(2 * Math.PI * seconds / DAY)) / 2
            + habits.baseMib * 0.01 * noise((long) (seconds / 60));
    if (habits.leaksBy(seconds)) {
      mib += habits.leakMibPerDay * (seconds - Math.max(habits.leakFrom, startSeconds)) / DAY;
    }
    return (long) (mib * MIB);
  }

  /** What the application has not freed; the rest is free in the allocator. */
  long inUseBytes(double seconds) {
    return (long) (anonBytes(seconds) * 0.85);
  }

  /** From 0 to 1, another one each minute. */
  private double noise(long minute) {
    long bits = (minute ^ noiseSeed) * 0xbf58476d1ce4e5b9L;
    bits ^= bits >>> 31;
    return (bits * 0x94d049bb133111ebL >>> 11) * 0x1p-53;
  }

  int mappings(double seconds) {
    return (int) (200 + anonBytes(seconds) / (64 << 20));
  }

  boolean hasEnded(double seconds) {
    return seconds - startSeconds > habits.runsSeconds
        || (habits.limitMib > 0 && anonBytes(seconds) > habits.limitMib * MIB);
  }

  private boolean isServer(double seconds) {
    return seconds - startSeconds >= habits.execsAfterSeconds;
  }

  ProcessId id(double seconds) {
    return new ProcessId(pid, startTicks, "simulated", isServer(seconds) ? 1000 + build : 7);
  }

  ProcFs.Glance glance(double seconds) {
    return new ProcFs.Glance(id(seconds), isServer(seconds) ? "server" : "sh");
  }

  ProcessInfo info(double seconds) {
    boolean server = isServer(seconds);
    return Figures.info(
        id(seconds),
        server ? "server" : "sh",
        server ? List.of("server", "--id=" + habits.name) : List.of("sh", "entry.sh"),
        startTime);
  }
}
