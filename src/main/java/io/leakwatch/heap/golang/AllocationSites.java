package io.leakwatch.heap.golang;

import io.leakwatch.heap.MemoryProfile;
import io.leakwatch.heap.MemoryProfile.Frame;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.heap.memory.Variables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who allocated what is in use, as the runtime itself has sampled it from the start on, one in
 * about 512 KiB: {@code runtime.mbuckets} is a chain of records, one for each call stack
 * (runtime/mprof.go, the same from Go 1.12 to 1.26). The variable that begins the chain is found by
 * its shape: the longest chain is it. Since 1.17 the linker leaves the profile out of programs that
 * cannot ask for it; then there is none, or since 1.23 one of what the runtime itself allocated
 * before it set the rate to none.
 *
 * <p>A sample of objects of a size stands for 1 / (1 - exp(-size / rate)) of them, as {@code
 * runtime/pprof} scales them. The rate is a variable that a program may set; where what was sampled
 * is about all that is in use, everything was sampled and nothing is scaled.
 */
final class AllocationSites {
  private static final int NEXT = 1;
  private static final int KIND = 2;
  private static final int SIZE = 4;
  private static final int CALLS = 5;
  private static final int HEADER_WORDS = 6;
  private static final int RECORD_WORDS = 4;
  private static final int MEMORY = 1;
  private static final int CALLS_MAX = 1024;
  private static final int CALLS_KEPT_MAX = 64;
  private static final int BUCKETS_MAX = 1 << 17;
  private static final int ENTRIES_MAX = 1000;
  private static final String BEGINNING = "runtime.goexit";
  private static final double RATE_BYTES = 512 << 10;

  private final Variables variables;
  private final AddressSpace space;
  private final PageCache pages;
  private final FunctionNames names;
  private final Set<Long> seen = new HashSet<>();
  private final long[] header = new long[HEADER_WORDS];
  private final long[] calls = new long[CALLS_KEPT_MAX];
  private final long[] record = new long[RECORD_WORDS];
  private final long[] firstCall = new long[1];
  private List<Sampled> sampled = List.of();

  AllocationSites(Variables variables, AddressSpace space, PageCache pages, FunctionNames names) {
    this.variables = variables;
    this.space = space;
    this.pages = pages;
    this.names = names;
  }

  /** What of one stack and size was sampled and is in use. */
  private record Sampled(List<Long> calls, long objects, long bytes) {
    private double scale(boolean isEverything) {
      return isEverything ? 1 : 1 / (1 - Math.exp(-(double) bytes / objects / RATE_BYTES));
    }
  }

  /**
   * The profile, null where there is none.
   *
   * @param liveBytes what survived the last collection
   */
  @Nullable MemoryProfile in(AddressSpace.DataSegment data, long liveBytes) {
    variables.search(data, 1, this::search);
    if (sampled.isEmpty()) {
      return null;
    }
    boolean isEverything = sampled.stream().mapToLong(Sampled::bytes).sum() > liveBytes / 2;
    Map<List<Frame>, double[]> byStack = new HashMap<>();
    for (Sampled one : sampled) {
      double scale = one.scale(isEverything);
      double[] sums = byStack.computeIfAbsent(frames(one), frames -> new double[2]);
      sums[0] += one.objects() * scale;
      sums[1] += one.bytes() * scale;
    }
    List<MemoryProfile.Entry> entries = new ArrayList<>();
    byStack.forEach(
        (frames, sums) ->
            entries.add(new MemoryProfile.Entry(frames, Math.round(sums[0]), Math.round(sums[1]))));
    return byStack.keySet().stream().allMatch(AllocationSites::isOfRuntime)
        ? null
        : new MemoryProfile(MemoryProfile.Basis.STACK, entries).brief(ENTRIES_MAX);
  }

  private static boolean isOfRuntime(List<Frame> frames) {
    return frames.stream().allMatch(frame -> frame.name().startsWith("runtime."));
  }

  /** Of the calls, without where each goroutine begins and what the runtime does to allocate. */
  private List<Frame> frames(Sampled one) {
    List<Frame> frames = new ArrayList<>();
    for (long call : one.calls()) {
      Frame frame = names.frame(call - 1); // Calls return behind themselves.
      boolean isOfRuntime =
          frames.isEmpty() ? isOfAllocation(frame.name()) : frame.name().equals(BEGINNING);
      if (!isOfRuntime) {
        frames.add(frame);
      }
    }
    return frames.isEmpty() ? List.of(Frame.of("the runtime")) : frames;
  }

  private static boolean isOfAllocation(String name) {
    return name.startsWith("runtime.malloc") || name.startsWith("runtime.profilealloc");
  }

  private boolean search(long address, long[] window, int count) {
    for (int i = 0; i < count; i++) {
      long first = window[i];
      if ((first & 7) == 0
          && space.anonymous().endOf(first) >= first + 8 * HEADER_WORDS
          && !seen.contains(first)
          && isBucket(first)) {
        List<Sampled> chain = chain(first);
        if (chain.size() > sampled.size()) {
          sampled = chain;
        }
      }
    }
    return true;
  }

  private boolean isBucket(long address) {
    return pages.words(address, header, HEADER_WORDS)
        && header[KIND] == MEMORY
        && header[CALLS] > 0
        && header[CALLS] <= CALLS_MAX
        && header[SIZE] > 0
        && pages.words(address + 8 * HEADER_WORDS, firstCall, 1)
        && names.isCode(firstCall[0]);
  }

  private List<Sampled> chain(long first) {
    List<Sampled> found = new ArrayList<>();
    long at = first;
    for (int i = 0; i < BUCKETS_MAX && at != 0 && seen.add(at) && isBucket(at); i++) {
      long next = header[NEXT];
      int count = (int) header[CALLS];
      int kept = Math.min(count, CALLS_KEPT_MAX);
      long records = at + 8L * (HEADER_WORDS + count);
      if (!pages.words(at + 8 * HEADER_WORDS, calls, kept)
          || !pages.words(records, record, RECORD_WORDS)) {
        break;
      }
      long objects = record[0] - record[1];
      long bytes = record[2] - record[3];
      if (objects > 0 && bytes > 0) {
        List<Long> stack = new ArrayList<>(kept);
        for (int call = 0; call < kept; call++) {
          stack.add(calls[call]);
        }
        found.add(new Sampled(stack, objects, bytes));
      }
      at = next;
    }
    return found;
  }
}
