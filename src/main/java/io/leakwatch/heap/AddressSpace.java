package io.leakwatch.heap;

import io.leakwatch.proc.MappingTable;
import java.util.ArrayList;
import java.util.List;

/**
 * The mappings of a process as the search for its arenas sees them: where heaps can lie and where
 * libraries keep their variables.
 */
final class AddressSpace {
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
  record DataSegment(String path, int mapping, long start, long end, boolean libc) {}

  static AddressSpace of(MappingTable table) {
    AddressSpace space = new AddressSpace();
    for (int i = 0; i < table.size(); i++) {
      if (!table.isReadable(i) || !table.isWritable(i) || table.start(i) <= 0) {
        continue;
      }
      String name = table.name(i);
      boolean isShared = table.isShared(i);
      if (table.inode(i) == 0 && !isShared && (name.isEmpty() || name.startsWith("[anon:"))) {
        space.anonymous.add(table.start(i), table.end(i));
        if (!space.extendsData(table, i)) {
          space.mmapped.add(table.start(i), table.end(i));
        }
      } else if (name.equals("[heap]")) {
        space.anonymous.add(table.start(i), table.end(i));
        space.brk.add(new long[] {table.start(i), table.end(i)});
      } else if (name.startsWith("/") && !isShared) {
        space.addData(table, i);
      }
    }
    return space;
  }

  private void addData(MappingTable table, int i) {
    String path = table.name(i);
    String file = path.substring(path.lastIndexOf('/') + 1);
    boolean libc =
        file.startsWith("libc.so.6") || (file.startsWith("libc-2.") && file.contains(".so"));
    data.add(new DataSegment(path, i, table.start(i), table.end(i), libc));
  }

  private boolean extendsData(MappingTable table, int i) {
    if (data.isEmpty()) {
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

  AddressRanges anonymous() {
    return anonymous;
  }

  AddressRanges mmapped() {
    return mmapped;
  }

  /** Start and end of each brk mapping. */
  List<long[]> brk() {
    return brk;
  }

  List<DataSegment> data() {
    return data;
  }

  /** Whether an address lies among a loaded file's variables. */
  boolean isData(long address) {
    return data.stream().anyMatch(d -> address >= d.start() && address < d.end());
  }
}
