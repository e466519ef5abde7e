package io.leakwatch.heap.jemalloc;

import io.leakwatch.heap.memory.Words;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The call stacks that jemalloc 5.3 keeps of what it samples where {@code opt.prof} is on
 * (src/prof.c and prof_structs.h). A sampled allocation has an extent of its own, and the extent's
 * struct points to the counters of the thread and stack that made it ({@code prof_tctx_t}). They
 * say how many such objects there are, and also for how many they stand: jemalloc adds {@code 1 /
 * (1 - exp(-size / rate))} for each as it is sampled. The counters point to the stack ({@code
 * prof_gctx_t}), whose addresses follow a pointer to themselves, which proves it.
 */
final class SampledStacks implements ExtentTree.Receiver {
  private static final int CONTEXT = 80;
  private static final int CONTEXTS_MAX = 1 << 16;

  /** Words of the counters: objects, the same scaled and times 8, bytes, the same scaled. */
  private static final int OBJECTS = 4;

  private static final int SCALED_OBJECTS = 5;
  private static final int BYTES = 6;
  private static final int SCALED_BYTES = 7;
  private static final int STACK = 12;
  private static final int CONTEXT_WORDS = 13;
  private static final double OBJECT_UNIT = 8;

  private static final int STACK_WORDS = 24;
  private static final int CALLS_MAX = 1024;
  private static final int CALLS_KEPT_MAX = 128;

  private final ExtentTree tree;
  private final JemallocLayout layout;
  private final Words words;
  private final Set<Long> contexts = new HashSet<>();
  private final long[] one = new long[1];
  private final long[] counters = new long[CONTEXT_WORDS];
  private final long[] stack = new long[STACK_WORDS];

  SampledStacks(ExtentTree tree, JemallocLayout layout, Words words) {
    this.tree = tree;
    this.layout = layout;
    this.words = words;
  }

  /**
   * What of one stack was sampled and is in use.
   *
   * @param calls return addresses, the innermost first
   * @param objects that were sampled
   * @param bytes of them
   * @param scaledObjects for which they stand
   * @param scaledBytes of those
   */
  record Sampled(
      List<Long> calls, long objects, long bytes, double scaledObjects, long scaledBytes) {
    private Sampled with(Sampled other) {
      return new Sampled(
          calls,
          objects + other.objects,
          bytes + other.bytes,
          scaledObjects + other.scaledObjects,
          scaledBytes + other.scaledBytes);
    }
  }

  @Override
  public boolean extent(Extent extent) {
    if (!layout.fits(extent)) {
      return false;
    }
    boolean mayBe =
        layout.state(extent.bits) == JemallocLayout.ACTIVE
            && !layout.isSlab(extent.bits)
            && contexts.size() < CONTEXTS_MAX;
    if (mayBe && tree.read(extent.struct, CONTEXT, one, 1) && one[0] > 1 && (one[0] & 7) == 0) {
      contexts.add(one[0]);
    }
    return true;
  }

  /** What was met, by stack. */
  List<Sampled> stacks() {
    Map<List<Long>, Sampled> found = new LinkedHashMap<>();
    for (long context : contexts) {
      if (words.read(context, counters, CONTEXT_WORDS) && counters[OBJECTS] > 0) {
        Sampled sampled =
            new Sampled(
                calls(counters[STACK]),
                counters[OBJECTS],
                counters[BYTES],
                counters[SCALED_OBJECTS] / OBJECT_UNIT,
                counters[SCALED_BYTES]);
        boolean holds =
            !sampled.calls().isEmpty()
                && sampled.bytes() >= sampled.objects()
                && sampled.scaledBytes() >= sampled.bytes()
                && sampled.scaledObjects() >= sampled.objects();
        if (holds) {
          found.merge(sampled.calls(), sampled, Sampled::with);
        }
      }
    }
    return List.copyOf(found.values());
  }

  /** The addresses, none where they do not prove themselves. */
  private List<Long> calls(long address) {
    if (!words.read(address, stack, STACK_WORDS)) {
      return List.of();
    }
    for (int i = 0; i + 2 < STACK_WORDS; i++) {
      long first = address + 8L * (i + 2);
      int count = (int) stack[i + 1];
      if (stack[i] == first && count > 0 && count <= CALLS_MAX) {
        long[] calls = new long[Math.min(count, CALLS_KEPT_MAX)];
        return words.read(first, calls, calls.length) ? listOf(calls) : List.of();
      }
    }
    return List.of();
  }

  private static List<Long> listOf(long[] calls) {
    List<Long> list = new ArrayList<>(calls.length);
    for (long call : calls) {
      list.add(call);
    }
    return list;
  }
}
