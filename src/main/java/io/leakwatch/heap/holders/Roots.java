package io.leakwatch.heap.holders;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.RegionMap;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.symbols.Place;
import io.leakwatch.symbols.Symbolizer;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Says what an address outside of all objects is: a variable, a thread's memory, or memory of
 * another kind.
 */
final class Roots {
  private static final Set<RegionKind> OUTSIDE_GO =
      EnumSet.of(
          RegionKind.ANONYMOUS, RegionKind.ARENA, RegionKind.BRK_HEAP, RegionKind.MALLOC_MMAP);

  private static final String JAVA_HEAP = "Java heap";

  private final MappingTable table;
  private final RegionMap regions;
  private final ThreadMemory threads;
  private final KernelWords kernel;
  private final Symbolizer symbols;
  private final LongFunction<@Nullable String> javaTypes;

  /**
   * What an address can be.
   *
   * @param javaTypes the class of an object of a Java heap, null where that is not known
   */
  Roots(
      MappingTable table,
      RegionMap regions,
      ThreadMemory threads,
      KernelWords kernel,
      Symbolizer symbols,
      LongFunction<@Nullable String> javaTypes) {
    this.javaTypes = javaTypes;
    this.table = table;
    this.regions = regions;
    this.threads = threads;
    this.kernel = kernel;
    this.symbols = symbols;
  }

  /**
   * The root at an address that lies in no object.
   *
   * @param walked kinds of memory whose objects are known: what lies between those of glibc is
   *     malloc's own
   */
  Root of(long address, Set<RegionKind> walked) {
    if (KernelWords.isTheirs(address)) {
      return kernel.rootOf(address);
    }
    int region = regions.indexOf(address);
    if (region < 0) {
      return memory("memory mapped meanwhile");
    }
    RegionKind kind = regions.kind(region);
    Root thread = threads.rootOf(address);
    if (thread != null) {
      return thread;
    }
    return switch (kind) {
      case FILE_PRIVATE, FILE -> variable(address, region);
      case ARENA, MALLOC_MMAP, BRK_HEAP ->
          walked.contains(kind) ? Root.DEAD : memory("malloc's memory");
      case JEMALLOC -> memory("jemalloc memory");
      case TCMALLOC -> walked.contains(kind) ? Root.DEAD : memory("tcmalloc memory");
      case MIMALLOC -> walked.contains(kind) ? Root.DEAD : memory("mimalloc memory");
      case MUSL -> walked.contains(kind) ? Root.DEAD : memory("musl memory");
      case GO_HEAP -> memory("Go heap");
      case PYTHON_ARENA -> walked.contains(kind) ? Root.DEAD : memory("Python's arenas");
      case JAVA_HEAP -> memory(JAVA_HEAP);
      case BEAM_CARRIER -> memory("Erlang memory");
      case HUGETLB -> memory("huge pages");
      case SHARED_MEMORY -> memory("shared memory");
      case THREAD_STACK, MAIN_STACK -> memory("a stack without a thread");
      case ANONYMOUS, SPECIAL -> memory("anonymous memory");
    };
  }

  /**
   * The root that an object is, null for one that others hold. What refers to an object of a Java
   * heap are references of 32 bits, which are not followed; its collector keeps what is reached.
   */
  @Nullable Root ofObject(long address) {
    if (kindOf(address) != RegionKind.JAVA_HEAP) {
      return null;
    }
    String type = javaTypes.apply(address);
    return memory(type == null ? JAVA_HEAP : type + " (" + JAVA_HEAP + ")");
  }

  /**
   * Whether a reference to an address keeps it. Go's collector follows none from outside of its own
   * heap and the variables of files: C may not keep any (cmd/cgo), and those that its own tables
   * have are no holders.
   */
  boolean mayHold(long location, long address) {
    return kindOf(address) != RegionKind.GO_HEAP || !isOutsideGo(kindOf(location));
  }

  private static boolean isOutsideGo(@Nullable RegionKind kind) {
    return kind != null && OUTSIDE_GO.contains(kind);
  }

  private @Nullable RegionKind kindOf(long address) {
    int region = regions.indexOf(address);
    return region < 0 ? null : regions.kind(region);
  }

  private static Root memory(String name) {
    return new Root(name, 0, Root.Rank.MEMORY);
  }

  private Root variable(long address, int region) {
    Place known = symbols.place(address);
    if (known != null) {
      boolean isNamed = !known.symbol().isEmpty();
      return new Root(
          isNamed ? known.name() : known.text(),
          isNamed ? known.symbolOffset() : 0,
          Root.Rank.VARIABLE);
    }
    int mapping = regions.mapping(region);
    String file = file(mapping);
    long offset = address - table.start(mapping) + table.offset(mapping);
    if (file.isEmpty() && mapping > 0) {
      file = file(mapping - 1);
      offset = address - table.start(mapping - 1) + table.offset(mapping - 1);
    }
    return new Root(
        (file.isEmpty() ? "data" : file) + "+0x" + Long.toHexString(offset), 0, Root.Rank.VARIABLE);
  }

  private String file(int mapping) {
    String name = table.name(mapping);
    return name.startsWith("/") ? name.substring(name.lastIndexOf('/') + 1) : "";
  }
}
