package io.leakwatch.region;

import static io.leakwatch.proc.memory.MappingTable.Field.KERNEL_PAGE_SIZE;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.region.kind.RegionKind;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel's own name of a mapping says about it (fs/proc/task_mmu.c, {@code show_map_vma}).
 * Names given by {@code prctl(PR_SET_VMA_ANON_NAME)} (Linux 5.17) appear as {@code [anon:NAME]};
 * glibc 2.39+, Go 1.25+, jemalloc 5.3+ and tcmalloc use them, and they are believed.
 */
final class NameRules {
  private static final Map<String, RegionKind> EXACT = new HashMap<>();

  static {
    EXACT.put("[heap]", RegionKind.BRK_HEAP);
    EXACT.put("[stack]", RegionKind.MAIN_STACK);
    for (String name :
        new String[] {
          "[vdso]", "[vvar]", "[vvar_vclock]", "[vsyscall]", "[uprobes]", "[sigpage]"
        }) {
      EXACT.put(name, RegionKind.SPECIAL);
    }
  }

  /** Prefix → kind; null in the value's place means: as any unnamed anonymous mapping. */
  private record Prefix(String text, @Nullable RegionKind kind) {}

  private static final Prefix[] PSEUDO = {
    new Prefix("[anon: glibc: malloc arena", RegionKind.ARENA),
    new Prefix("[anon: glibc: malloc", RegionKind.MALLOC_MMAP),
    new Prefix("[anon: glibc: pthread", RegionKind.THREAD_STACK),
    new Prefix("[anon: glibc: loader", RegionKind.ANONYMOUS),
    new Prefix("[anon: Go:", RegionKind.GO_HEAP),
    new Prefix("[anon:jemalloc", RegionKind.JEMALLOC),
    new Prefix("[anon:tcmalloc", RegionKind.TCMALLOC),
    new Prefix("[anon_shmem:", RegionKind.SHARED_MEMORY),
    new Prefix("[anon:", null),
    new Prefix("[stack:", RegionKind.THREAD_STACK),
    new Prefix("[", RegionKind.SPECIAL),
    new Prefix("anon_inode:", RegionKind.SPECIAL),
    new Prefix("socket:", RegionKind.SPECIAL),
    new Prefix("pipe:", RegionKind.SPECIAL),
    new Prefix("net:", RegionKind.SPECIAL),
  };

  /** Files through which a driver maps its own memory. */
  private static final String[] DEVICES = {
    "/dev/nvidia", "/dev/dri/", "/dev/kfd", "/dev/infiniband/", "/dev/vfio/", "/dev/uio", "/dev/mem"
  };

  private NameRules() {}

  /**
   * The kind of a mapping as far as its name, its flags and its page size tell.
   *
   * @param pageBytes the base page size
   * @return null when it is private memory without a file and without a telling name
   */
  static @Nullable RegionKind kind(MappingTable table, int i, long pageBytes) {
    String name = table.name(i);
    if (name.isEmpty() && table.inode(i) == 0) {
      return hasHugePages(table, i, pageBytes) ? RegionKind.HUGETLB : shared(table, i);
    }
    RegionKind exact = EXACT.get(name);
    if (exact != null) {
      return exact;
    }
    if (isHugetlb(table, i, name, pageBytes)) {
      return RegionKind.HUGETLB;
    }
    if (name.startsWith("/") || name.isEmpty()) {
      return ofFile(table, i, name);
    }
    for (Prefix prefix : PSEUDO) {
      if (name.startsWith(prefix.text())) {
        return prefix.kind();
      }
    }
    // A path outside of the process' root, else an unknown name of the kernel.
    return table.inode(i) != 0 ? ofFile(table, i, name) : ofUnknownName(table, i);
  }

  private static @Nullable RegionKind shared(MappingTable table, int i) {
    return table.isShared(i) ? RegionKind.SHARED_MEMORY : null;
  }

  private static RegionKind ofUnknownName(MappingTable table, int i) {
    return table.isShared(i) ? RegionKind.SHARED_MEMORY : RegionKind.SPECIAL;
  }

  private static @Nullable RegionKind ofFile(MappingTable table, int i, String name) {
    if (name.startsWith("/memfd:java_heap")) {
      return RegionKind.JAVA_HEAP;
    }
    if ((table.flags(i) & MappingTable.PAGE_FRAMES) != 0 || isDevice(name)) {
      return RegionKind.SPECIAL;
    }
    boolean shared = table.isShared(i);
    if (name.startsWith("/dev/zero")) {
      return shared ? RegionKind.SHARED_MEMORY : null;
    }
    if (name.startsWith("/SYSV") || name.startsWith("/dev/shm/")) {
      return RegionKind.SHARED_MEMORY;
    }
    if (shared && (name.startsWith("/memfd:") || name.startsWith("/dev/ashmem"))) {
      return RegionKind.SHARED_MEMORY;
    }
    return !shared && table.isWritable(i) ? RegionKind.FILE_PRIVATE : RegionKind.FILE;
  }

  private static boolean isDevice(String name) {
    for (String device : DEVICES) {
      if (name.startsWith(device)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isHugetlb(MappingTable table, int i, String name, long pageBytes) {
    return name.startsWith("/anon_hugepage")
        || name.startsWith("/dev/hugepages")
        || (hasHugePages(table, i, pageBytes) && !name.startsWith("/dev/dax"));
  }

  static boolean hasHugePages(MappingTable table, int i, long pageBytes) {
    return table.get(i, KERNEL_PAGE_SIZE) > pageBytes;
  }
}
