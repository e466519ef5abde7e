package io.leakwatch.heap.memory;

import io.leakwatch.proc.memory.AddressRanges;
import io.leakwatch.proc.memory.MappingTable;
import java.util.ArrayList;
import java.util.List;

/**
 * The mappings of a process as the search for its arenas sees them: where heaps can lie and where
 * libraries keep their variables.
 */
public final class AddressSpace {
  private static final long MALLOC_HEAP_BYTES = 64 << 20;

  /** Readable, writable, private and without a file: what malloc gets from brk and mmap. */
  private final AddressRanges anonymous = new AddressRanges();

  /** Each such mapping by itself, but for brk and stacks: where mmapped chunks can start. */
  private final AddressRanges mmapped = new AddressRanges();

  private final List<long[]> brk = new ArrayList<>();
  private final List<DataSegment> data = new ArrayList<>();

  /**
   * The variables of a loaded file: its writable mapping with the .bss behind it.
   *
   * @param mapping index of the writable mapping
   */
  public record DataSegment(String path, int mapping, long start, long end, boolean libc) {}

  public static AddressSpace of(MappingTable table) {
    AddressSpace space = new AddressSpace();
    for (int i = 0; i < table.size(); i++) {
      if (!table.isReadable(i) || !table.isWritable(i) || table.start(i) <= 0) {
        continue;
      }
      String name = table.name(i);
      boolean isShared = table.isShared(i);
      boolean isUnnamed = name.isEmpty() || name.startsWith("[anon:");
      if (!isShared && ((table.inode(i) == 0 && isUnnamed) || isHugeAnonymous(name))) {
        space.anonymous.add(table.start(i), table.end(i));
        if (!space.extendsData(table, i)) {
          space.mmapped.add(table.start(i), table.end(i));
        }
      } else if (name.equals("[heap]")) {
        space.anonymous.add(table.start(i), table.end(i));
        space.addBrk(table.start(i), table.end(i));
      } else if (name.startsWith("/") && !isShared) {
        space.addData(table, i);
      }
    }
    return space;
  }

  /**
   * A fork, a lock or a huge page splits the kernel's brk mapping; it stays one range of chunks.
   */
  private void addBrk(long start, long end) {
    long[] last = brk.isEmpty() ? new long[2] : brk.get(brk.size() - 1);
    if (last[1] == start) {
      last[1] = end;
    } else {
      brk.add(new long[] {start, end});
    }
  }

  /** Huge pages without a file of the program's: the kernel gives those an inode of its own. */
  private static boolean isHugeAnonymous(String name) {
    return name.startsWith("/anon_hugepage");
  }

  private void addData(MappingTable table, int i) {
    String path = table.name(i);
    String file = path.substring(path.lastIndexOf('/') + 1);
    boolean libc =
        file.startsWith("libc.so.6") || (file.startsWith("libc-2.") && file.contains(".so"));
    data.add(new DataSegment(path, i, table.start(i), table.end(i), libc));
  }

  /**
   * Whether it is a file's .bss. What begins at a multiple of 64 MiB is a heap of malloc's, below
   * which the kernel has put a library.
   */
  private boolean extendsData(MappingTable table, int i) {
    if (data.isEmpty() || (table.start(i) & MALLOC_HEAP_BYTES - 1) == 0) {
      return false;
    }
    DataSegment last = data.get(data.size() - 1);
    if (last.end() != table.start(i)) {
      return false;
    }
    data.set(
        data.size() - 1,
        new DataSegment(last.path(), last.mapping(), last.start(), table.end(i), last.libc()));
    return true;
  }

  public AddressRanges anonymous() {
    return anonymous;
  }

  public AddressRanges mmapped() {
    return mmapped;
  }

  /** Start and end of what brk got, neighbouring mappings taken together. */
  public List<long[]> brk() {
    return brk;
  }

  public List<DataSegment> data() {
    return data;
  }

  /** Whether an address lies among a loaded file's variables. */
  public boolean isData(long address) {
    return data.stream().anyMatch(d -> address >= d.start() && address < d.end());
  }
}
