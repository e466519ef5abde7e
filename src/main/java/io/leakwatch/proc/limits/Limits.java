package io.leakwatch.proc.limits;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What a process uses of everything that can run out, and how much of it there is, at one time.
 * What is unlimited, or whose usage cannot be known, is left out.
 *
 * @param ageSeconds how long the process has run, {@code NaN} when unknown
 * @param mappingsMax vm.max_map_count, -1 when unknown
 * @param memory bounds on its memory
 * @param mappings vm.max_map_count, where the mappings were counted
 * @param threads bounds on threads; what counts as used is a cgroup's, the node's or the process'
 * @param descriptors RLIMIT_NOFILE
 */
public record Limits(
    double ageSeconds,
    long mappingsMax,
    Memory memory,
    Optional<Limit> mappings,
    List<Limit> threads,
    Optional<Limit> descriptors) {

  public Limits {
    threads = List.copyOf(threads);
  }

  /**
   * Bounds on its memory.
   *
   * @param cgroups on that of its cgroups
   * @param addressSpace RLIMIT_AS
   * @param data RLIMIT_DATA
   * @param node the node's memory
   */
  public record Memory(
      List<Limit> cgroups,
      Optional<Limit> addressSpace,
      Optional<Limit> data,
      Optional<Limit> node) {

    public Memory {
      cgroups = List.copyOf(cgroups);
    }
  }

  /** Where nothing is known. */
  public static final Limits UNKNOWN =
      new Limits(
          Double.NaN,
          -1,
          new Memory(List.of(), Optional.empty(), Optional.empty(), Optional.empty()),
          Optional.empty(),
          List.of(),
          Optional.empty());

  /** The same where it is known what most of the mappings are; {@code ""} where it is not. */
  public Limits withMappings(String most) {
    return new Limits(
        ageSeconds,
        mappingsMax,
        memory,
        mappings.map(limit -> limit.usedBy(most)),
        threads,
        descriptors);
  }

  /** Whether a cgroup is filled with shared memory that no process maps. */
  public boolean hasUnmapped() {
    return memory.cgroups().stream().anyMatch(limit -> !limit.what().isEmpty());
  }

  /** The same where it is known by what the process holds some of that. */
  public Limits withHolders(String holders) {
    List<Limit> cgroups = new ArrayList<>();
    for (Limit limit : memory.cgroups()) {
      boolean held = !limit.what().isEmpty() && !holders.isEmpty();
      cgroups.add(held ? limit.usedBy(limit.what() + ", " + holders) : limit);
    }
    return new Limits(
        ageSeconds,
        mappingsMax,
        new Memory(cgroups, memory.addressSpace(), memory.data(), memory.node()),
        mappings,
        threads,
        descriptors);
  }

  /** The bounds that a verdict makes forecasts for: of threads, the one that is met first. */
  public List<Limit> forecast() {
    List<Limit> limits = ofMemory();
    tightestThreads().ifPresent(limits::add);
    descriptors.ifPresent(limits::add);
    return limits;
  }

  /** The bounds on memory and on mappings. */
  public List<Limit> ofMemory() {
    List<Limit> limits = new ArrayList<>(memory.cgroups());
    memory.addressSpace().ifPresent(limits::add);
    memory.data().ifPresent(limits::add);
    memory.node().ifPresent(limits::add);
    mappings.ifPresent(limits::add);
    return limits;
  }

  /** The bound of a cgroup of which the smallest share is left. */
  public Optional<Limit> tightestCgroup() {
    return memory.cgroups().stream()
        .min(
            Comparator.comparingDouble(
                limit -> (double) limit.headroom() / Math.max(1, limit.limit())));
  }

  /** The bound that leaves the fewest further threads. */
  public Optional<Limit> tightestThreads() {
    return threads.stream().min(Comparator.comparingLong(Limit::headroom));
  }
}
