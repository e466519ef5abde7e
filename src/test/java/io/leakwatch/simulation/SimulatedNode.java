package io.leakwatch.simulation;

import io.leakwatch.inspection.HeapWalk;
import io.leakwatch.inspection.MappingReading;
import io.leakwatch.inspection.SampledNode;
import io.leakwatch.inspection.SampledProcess;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.file.Status;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.proc.limits.Limits;
import io.leakwatch.region.Classification;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node whose processes come, go, are restarted, execute, leak and swing, refuse to be read and
 * are slow to read, as the seed says. A server that ends is started anew after a while, now and
 * then as another build.
 */
final class SimulatedNode implements SampledNode {
  private static final long QUICK_NANOS = 300_000;
  private static final double EXACT_NANOS_PER_BYTE = 0.02;
  private static final double WALK_NANOS_PER_BYTE = 0.5;
  private static final double RESPAWN_SECONDS = 20;
  private static final double GIB = 1 << 30;

  private final VirtualTime time;
  private final SplittableRandom random;
  private final List<Slot> slots = new ArrayList<>();
  private final Map<Integer, SimulatedProcess> byPid = new HashMap<>();
  private int nextPid = 1000;
  private double refusesUntil = -1;
  private double slowUntil = -1;
  private int refusing;
  private double longestReadSeconds;

  /** A server through its incarnations. */
  private static final class Slot {
    final SimulatedProcess.Habits habits;
    int build = 1;
    @Nullable SimulatedProcess process;
    double startsAt;

    Slot(SimulatedProcess.Habits habits) {
      this.habits = habits;
    }
  }

  SimulatedNode(VirtualTime time, int servers, SplittableRandom random) {
    this.time = time;
    this.random = random;
    for (int i = 0; i < servers; i++) {
      slots.add(new Slot(SimulatedProcess.Habits.draw(i, random)));
    }
  }

  /** Seconds since the simulation began. */
  double seconds() {
    return time.nanos() / 1e9;
  }

  /** The longest single reading so far. */
  double longestReadSeconds() {
    return longestReadSeconds;
  }

  /** The process that runs under an instance's name; null where none does. */
  @Nullable SimulatedProcess running(String instance) {
    return slots.stream()
        .filter(slot -> instance.equals("server-" + slot.habits.name()))
        .flatMap(slot -> Stream.ofNullable(slot.process))
        .findFirst()
        .orElse(null);
  }

  /** Restarts one of the servers, half of the times as another build. */
  void restartOne() {
    Slot slot = slots.get(random.nextInt(slots.size()));
    end(slot);
    slot.build += random.nextInt(2);
  }

  /** Lets one of the servers refuse to be read for a time. */
  void refuseOne(double forSeconds) {
    refusing = random.nextInt(slots.size());
    refusesUntil = seconds() + forSeconds;
  }

  /** Makes all readings of mappings slow for a time. */
  void slowDown(double forSeconds) {
    slowUntil = seconds() + forSeconds;
  }

  private void end(Slot slot) {
    SimulatedProcess process = slot.process;
    if (process != null) {
      byPid.remove(process.pid);
      slot.process = null;
      slot.startsAt = seconds() + RESPAWN_SECONDS;
    }
  }

  /** Ends and starts what is due by now. */
  void follow() {
    double now = seconds();
    for (Slot slot : slots) {
      if (slot.process != null && slot.process.hasEnded(now)) {
        end(slot);
      }
      if (slot.process == null && now >= slot.startsAt) {
        slot.process = new SimulatedProcess(slot.habits, nextPid++, slot.build, now, time.now());
        byPid.put(slot.process.pid, slot.process);
      }
    }
  }

  private boolean refuses(SimulatedProcess process) {
    return seconds() < refusesUntil && slots.get(refusing).process == process;
  }

  private <T> Outcome<T> of(int pid, Function<SimulatedProcess, T> what) {
    SimulatedProcess process = byPid.get(pid);
    return process == null ? Outcome.vanished() : Outcome.sampled(what.apply(process));
  }

  @Override
  public int[] pids() {
    return byPid.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
  }

  @Override
  public Outcome<ProcessId> id(int pid) {
    return of(pid, process -> process.id(seconds()));
  }

  @Override
  public Outcome<ProcFs.Glance> glance(int pid) {
    return of(pid, process -> process.glance(seconds()));
  }

  @Override
  public Outcome<ProcessInfo> identify(int pid) {
    return of(pid, process -> process.info(seconds()));
  }

  @Override
  public Outcome<SampledProcess> open(ProcessId id) {
    return of(id.pid(), process -> new Opened(process, id));
  }

  @Override
  public String buildId(ProcessInfo info) {
    SimulatedProcess process = byPid.get(info.id().pid());
    return process == null ? "" : "b" + process.build;
  }

  @Override
  public String build(ProcessInfo info) {
    return buildId(info);
  }

  @Override
  public HeapWalk walk(ProcessId id, List<String> allocators) {
    SimulatedProcess process = byPid.get(id.pid());
    if (process == null) {
      return new HeapWalk(Outcome.vanished(), time.nanos(), 0, 0);
    }
    double now = seconds();
    long cost = (long) (process.anonBytes(now) * WALK_NANOS_PER_BYTE);
    time.work(cost);
    return new HeapWalk(
        Outcome.sampled(Figures.heaps(process.anonBytes(now) * 9 / 10, process.inUseBytes(now))),
        time.nanos(),
        cost / 100,
        cost / 1000);
  }

  private final class Opened implements SampledProcess {
    private final SimulatedProcess process;
    private final ProcessId id;

    Opened(SimulatedProcess process, ProcessId id) {
      this.process = process;
      this.id = id;
    }

    private <T> Outcome<T> ifReadable(DoubleFunction<T> what) {
      double now = seconds();
      if (byPid.get(process.pid) != process || !process.id(now).equals(id)) {
        return Outcome.vanished();
      }
      return refuses(process)
          ? Outcome.denied("/proc/" + process.pid, "CAP_SYS_PTRACE")
          : Outcome.sampled(what.apply(now));
    }

    @Override
    public Outcome<Status> status() {
      double now = seconds();
      return byPid.get(process.pid) == process && process.id(now).equals(id)
          ? Outcome.sampled(Figures.status(process.anonBytes(now), (long) (now * 10)))
          : Outcome.vanished();
    }

    @Override
    public Outcome<Limits> limits(Status status, int mappingCount) {
      return ifReadable(
          now ->
              Figures.limits(
                  now - process.startSeconds,
                  (long) (process.habits.limitMib() * (1 << 20)),
                  process.anonBytes(now),
                  mappingCount));
    }

    @Override
    public long descriptorsTold() {
      return 100;
    }

    @Override
    public boolean countsWithoutLock() {
      return false;
    }

    @Override
    public MappingReading<Integer> count() {
      long cost = cost(QUICK_NANOS);
      return new MappingReading<>(ifReadable(process::mappings), "maps", cost, cost, 0, -1, "");
    }

    @Override
    public MappingReading<Classification> read(boolean exact) {
      long cost =
          cost(exact ? (long) (process.anonBytes(seconds()) * EXACT_NANOS_PER_BYTE) : QUICK_NANOS);
      return new MappingReading<>(
          ifReadable(
              now -> Figures.classification(process.anonBytes(now), process.mappings(now), exact)),
          exact ? "smaps" : "pagemap_scan",
          cost,
          cost,
          0,
          -1,
          "");
    }

    private long cost(long nanos) {
      long cost = seconds() < slowUntil ? nanos * 200 : nanos;
      longestReadSeconds = Math.max(longestReadSeconds, cost / 1e9);
      time.pause(cost);
      return cost;
    }

    @Override
    public void close() {}
  }
}
