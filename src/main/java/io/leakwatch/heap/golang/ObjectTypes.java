package io.leakwatch.heap.golang;

import io.leakwatch.heap.ObjectNames;
import io.leakwatch.heap.memory.AddressSpace;
import io.leakwatch.heap.memory.ByteBudget;
import io.leakwatch.heap.memory.HeapMemory;
import io.leakwatch.heap.memory.OwnerTarget;
import io.leakwatch.heap.memory.PageCache;
import io.leakwatch.heap.memory.Variables;
import io.leakwatch.heap.memory.WalkSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Names objects of Go by the types that the runtime itself keeps with them for its collector since
 * 1.22 (runtime/mbitmap.go). An object with pointers and of more than 512 B begins with the address
 * of its type, and what the program has of it lies behind; of one of more than 32 KiB the span has
 * the type. Smaller objects have only a bit for each word, and what has no pointers has no type. To
 * be closed.
 */
public final class ObjectTypes implements ObjectNames, AutoCloseable {
  private static final int HEADER_BYTES = 8;
  private static final int BITMAP_BYTES_MAX = 512;
  private static final int HEADER_OBJECT_BYTES_MAX = 32 << 10;
  private static final int LARGE_MAX = 1 << 16;

  private final List<FunctionNames> modules = new ArrayList<>();
  private final Map<Long, Long> large = new HashMap<>();

  private ObjectTypes() {}

  /** Of a process' runtimes; null where they keep no types. */
  static @Nullable ObjectTypes of(OwnerTarget target, WalkSettings settings) {
    ByteBudget budget = new ByteBudget(settings.bytesMax(), target.pace());
    HeapMemory memory = target.memory();
    Variables variables = new Variables(memory, budget, settings.shapeScanBytesMax());
    SpanSearch search =
        new SpanSearch(memory, target.space(), new PageCache(memory, budget), variables);
    ObjectTypes types = new ObjectTypes();
    for (SpanSearch.Found found : search.find()) {
      AddressSpace.DataSegment data = GoReader.variables(target.space(), found.address());
      FunctionNames names =
          data != null && found.table().layout().hasTypes()
              ? FunctionNames.open(target, new Variables(memory, budget, Long.MAX_VALUE), data)
              : null;
      if (names != null) {
        types.modules.add(names);
        found.table().walk(span -> types.add(found.table().layout(), span));
      }
    }
    return types.modules.isEmpty() ? null : types;
  }

  /** Takes a span's type, where it is one object that has one. */
  private void add(SpanLayout layout, long[] span) {
    if (layout.largeType(span) != 0 && large.size() < LARGE_MAX) {
      large.put(layout.start(span), layout.largeType(span));
    }
  }

  @Override
  public @Nullable String of(long address, long bytes, long[] words, int count) {
    Long ofSpan = large.get(address);
    if (ofSpan != null) {
      return name(type(ofSpan), bytes, 0);
    }
    return bytes > BITMAP_BYTES_MAX && bytes <= HEADER_OBJECT_BYTES_MAX && count > 0
        ? name(type(words[0]), bytes, HEADER_BYTES)
        : null;
  }

  private TypeTable.@Nullable Type type(long address) {
    for (FunctionNames module : modules) {
      TypeTable.Type type = module.types().at(address);
      if (type != null) {
        return type;
      }
    }
    return null;
  }

  /**
   * Where two would fit there are several, one behind the other: no size class is twice what was
   * asked for.
   */
  private static @Nullable String name(TypeTable.@Nullable Type type, long bytes, int headerBytes) {
    if (type == null || type.bytes() > bytes - headerBytes) {
      return null;
    }
    return 2 * type.bytes() <= bytes - headerBytes ? "[]" + type.name() : type.name();
  }

  @Override
  public void close() {
    modules.forEach(FunctionNames::close);
  }
}
