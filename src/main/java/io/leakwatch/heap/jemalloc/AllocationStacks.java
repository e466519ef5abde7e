package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.Balance;
import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.MemoryProfile.Frame;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.Words;
import io.leakwatch.symbols.Place;
import io.leakwatch.symbols.SymbolSettings;
import io.leakwatch.symbols.Symbolizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Names the calls of what jemalloc sampled ({@link SampledStacks}). The innermost calls are
 * jemalloc's own and left out: those in its library, or, where a program contains it, those with
 * its names. What is in use beyond what the samples stand for was allocated while nothing was
 * sampled, as {@code prof.active} and {@code thread.prof.active} can be switched.
 */
final class AllocationStacks {
  private static final int ENTRIES_MAX = 1000;

  /** Part of what is in use that is not missed: samples are estimates. */
  private static final double MISSED_MIN = 0.25;

  private static final Set<String> CALLS =
      Set.of(
          "malloc",
          "calloc",
          "realloc",
          "posix_memalign",
          "aligned_alloc",
          "memalign",
          "valloc",
          "mallocx",
          "rallocx",
          "xallocx",
          "malloc_default",
          "imalloc",
          "imalloc_body");

  private final OwnerTarget target;
  private final String library;

  /**
   * Names for a process.
   *
   * @param path of the file that jemalloc is in
   */
  AllocationStacks(OwnerTarget target, String path) {
    this.target = target;
    this.library =
        path.equals(target.files().exeName()) ? "" : path.substring(path.lastIndexOf('/') + 1);
  }

  /** The profile of a process whose jemalloc samples, where it is wanted. */
  static List<MemoryProfile> profiles(
      OwnerTarget target,
      ExtentTree.Root root,
      ExtentTree tree,
      JemallocLayout layout,
      Words words,
      JemallocReport.Holdings holdings) {
    if (target.depth() != OwnerTarget.Depth.PROFILE || !layout.keepsSampledStacks()) {
      return List.of();
    }
    SampledStacks stacks = new SampledStacks(tree, layout, words);
    tree.walk(root.address(), Long.MAX_VALUE, stacks);
    Balance balance = holdings.balance();
    MemoryProfile profile =
        new AllocationStacks(target, root.data().path())
            .of(
                stacks.stacks(),
                holdings.objects(),
                balance.bytes(Balance.Part.LIVE) + balance.bytes(Balance.Part.UNTOUCHED));
    return profile == null ? List.of() : List.of(profile);
  }

  /**
   * The profile, null where nothing was sampled.
   *
   * @param objects in use
   * @param bytes of them
   */
  @Nullable MemoryProfile of(List<SampledStacks.Sampled> stacks, long objects, long bytes) {
    if (stacks.isEmpty()) {
      return null;
    }
    Map<List<Frame>, double[]> byStack = new HashMap<>();
    double[] left = {objects, bytes};
    try (Symbolizer symbols =
        new Symbolizer(target.table(), target.files(), SymbolSettings.DEFAULTS)) {
      for (SampledStacks.Sampled one : stacks) {
        double[] sums = byStack.computeIfAbsent(frames(one, symbols), frames -> new double[2]);
        sums[0] += one.scaledObjects();
        sums[1] += one.scaledBytes();
        left[0] -= one.scaledObjects();
        left[1] -= one.scaledBytes();
      }
    }
    if (left[1] > MISSED_MIN * bytes) {
      left[0] = Math.max(0, left[0]);
      byStack.put(List.of(Frame.of("allocated while jemalloc did not sample")), left);
    }
    List<MemoryProfile.Entry> entries = new ArrayList<>();
    byStack.forEach(
        (frames, sums) ->
            entries.add(new MemoryProfile.Entry(frames, Math.round(sums[0]), Math.round(sums[1]))));
    return new MemoryProfile(MemoryProfile.Basis.STACK, entries).brief(ENTRIES_MAX);
  }

  private List<Frame> frames(SampledStacks.Sampled one, Symbolizer symbols) {
    List<Frame> frames = new ArrayList<>();
    for (long call : one.calls()) {
      Place place = symbols.place(call - 1); // Calls return behind themselves.
      if (place == null) {
        frames.add(Frame.of("0x" + Long.toHexString(call)));
      } else if (!frames.isEmpty() || !isOfJemalloc(place)) {
        frames.add(Frame.of(place.symbol().isEmpty() ? place.text() : place.name()));
      }
    }
    return frames.isEmpty() ? List.of(Frame.of("jemalloc")) : frames;
  }

  private boolean isOfJemalloc(Place place) {
    return library.isEmpty() ? isOfJemalloc(place.symbol()) : place.module().equals(library);
  }

  private static boolean isOfJemalloc(String symbol) {
    return symbol.startsWith("prof_")
        || symbol.startsWith("je_")
        || CALLS.stream().anyMatch(call -> symbol.equals(call) || symbol.endsWith("_" + call));
  }
}
