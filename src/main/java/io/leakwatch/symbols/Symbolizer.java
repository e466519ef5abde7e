package io.leakwatch.symbols;

import io.leakwatch.elf.ElfFile;
import io.leakwatch.elf.ElfImage;
import io.leakwatch.elf.ElfImage.Symbol;
import io.leakwatch.proc.TargetFiles;
import io.leakwatch.proc.file.PrintedPath;
import io.leakwatch.proc.memory.MappingTable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Names the addresses in a process' code, constants and variables, as its mappings were at one
 * time.
 *
 * <p>Each loaded file is opened once, as the process runs it: the executable through {@code
 * /proc/PID/exe}, the others through {@code map_files}, which also leads to a file that was deleted
 * or replaced since, and where that is not allowed by their path below {@code /proc/PID/root}.
 * Symbols are indexed when the first address of a module is asked for. For one thread.
 */
public final class Symbolizer implements AutoCloseable {
  private final TargetFiles files;
  private final SymbolSettings settings;
  private final List<Module> modules = new ArrayList<>();
  private final TreeSet<String> missing = new TreeSet<>();
  private final Map<Long, Place> remembered = new LinkedHashMap<>(16, 0.75f, true);

  private long[] starts = new long[64];
  private long[] ends = new long[64];
  private int[] owners = new int[64];
  private byte[] permissions = new byte[64];
  private int ranges;

  /**
   * Opens the files of a process.
   *
   * @param table its mappings
   */
  public Symbolizer(MappingTable table, TargetFiles files, SymbolSettings settings) {
    this.files = files;
    this.settings = settings;
    String exe = files.exeName();
    int i = 0;
    while (i < table.size()) {
      int next = i + 1;
      if (isFile(table, i)) {
        next = endOfModule(table, i);
        addModule(table, i, next, exe);
      }
      i = next;
    }
  }

  private static boolean isFile(MappingTable table, int i) {
    return table.inode(i) != 0 && !table.isShared(i) && table.name(i).startsWith("/");
  }

  /** A module's mappings follow each other, its first begins at the file's start. */
  private static int endOfModule(MappingTable table, int first) {
    int next = first + 1;
    while (next < table.size()
        && table.inode(next) == table.inode(first)
        && table.name(next).equals(table.name(first))
        && table.offset(next) > 0) {
      next++;
    }
    return next;
  }

  private void addModule(MappingTable table, int from, int to, String exe) {
    boolean executable = false;
    for (int i = from; i < to; i++) {
      executable |= table.isExecutable(i);
    }
    if (!executable) {
      return;
    }
    String path = PrintedPath.of(table.name(from)).path();
    ElfImage image = modules.size() < settings.modulesMax() ? open(table, from, exe) : null;
    if (image == null) {
      missing.add(path.substring(path.lastIndexOf('/') + 1));
      return;
    }
    Module module =
        new Module(path, image, table.start(from), table.offset(from), table.basePageBytes());
    modules.add(module);
    for (int i = from; i < to; i++) {
      addRange(table.start(i), table.end(i), table.permissions(i));
    }
    long end = table.end(to - 1);
    long behind = Math.min(module.end(), to < table.size() ? table.end(to) : 0);
    if (behind > end && table.start(to) == end && table.inode(to) == 0) {
      addRange(end, behind, table.permissions(to));
    }
  }

  private @Nullable ElfImage open(MappingTable table, int i, String exe) {
    try {
      boolean isExe = table.name(i).equals(exe);
      return ElfImage.open(isExe ? files.exe() : files.ofMapping(table, i)).orElse(null);
    } catch (IOException e) {
      return null; // Not allowed or gone: told as missing.
    }
  }

  private void addRange(long start, long end, int permission) {
    if (ranges == starts.length) {
      starts = Arrays.copyOf(starts, ranges * 2);
      ends = Arrays.copyOf(ends, ranges * 2);
      owners = Arrays.copyOf(owners, ranges * 2);
      permissions = Arrays.copyOf(permissions, ranges * 2);
    }
    starts[ranges] = start;
    ends[ranges] = end;
    owners[ranges] = modules.size() - 1;
    permissions[ranges++] = (byte) permission;
  }

  private int rangeOf(long address) {
    if (ranges == 0 || address < starts[0] || address >= ends[ranges - 1]) {
      return -1;
    }
    int at = Arrays.binarySearch(starts, 0, ranges, address);
    int range = at >= 0 ? at : -at - 2;
    return range >= 0 && address < ends[range] ? range : -1;
  }

  /** Whether an address lies in a module; the fast question, to be asked of every word. */
  public boolean isInModule(long address) {
    return rangeOf(address) >= 0;
  }

  /** What lies at an address; null outside of modules. Needs no symbols. */
  public Place.@Nullable Section sectionOf(long address) {
    int range = rangeOf(address);
    return range < 0 ? null : sectionOf(range, address);
  }

  private Place.Section sectionOf(int range, long address) {
    return modules
        .get(owners[range])
        .sectionOf(
            address,
            (permissions[range] & MappingTable.WRITE) != 0,
            (permissions[range] & MappingTable.EXECUTE) != 0);
  }

  /** What an address means; null when it lies in no module. */
  public @Nullable Place place(long address) {
    int range = rangeOf(address);
    if (range < 0) {
      return null;
    }
    Place known = remembered.get(address);
    if (known == null) {
      known = look(range, address);
      remembered.put(address, known);
      if (remembered.size() > settings.placesMax()) {
        remembered.remove(remembered.keySet().iterator().next());
      }
    }
    return known;
  }

  private Place look(int range, long address) {
    Module module = modules.get(owners[range]);
    long kept = modules.stream().mapToLong(Module::symbolsKept).sum();
    Optional<Symbol> symbol =
        module.symbolAt(address, files, Math.max(0, settings.symbolsMax() - kept));
    long own = address - module.bias();
    return new Place(
        module.name(),
        own,
        sectionOf(range, address),
        symbol.map(Symbol::name).orElse(""),
        symbol.map(found -> own - found.address()).orElse(0L));
  }

  /**
   * A string among a module's constants, up to its zero byte, as the file has it; {@code ""} where
   * there is none.
   */
  public String constantText(long address, int bytesMax) {
    int range = rangeOf(address);
    if (range < 0) {
      return "";
    }
    Module module = modules.get(owners[range]);
    try {
      ByteBuffer bytes = module.image().bytesAt(address - module.bias(), bytesMax);
      return ElfFile.text(bytes, 0);
    } catch (IOException e) {
      return "";
    }
  }

  /** Words as a module's file has them, before any relocation; false where it has none. */
  public boolean fileWords(long address, long[] into) {
    int range = rangeOf(address);
    if (range < 0) {
      return false;
    }
    Module module = modules.get(owners[range]);
    try {
      ByteBuffer bytes = module.image().bytesAt(address - module.bias(), into.length * 8);
      if (bytes.remaining() < into.length * 8) {
        return false;
      }
      bytes.asLongBuffer().get(into);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the executable or a library holds these bytes among its constants. */
  public boolean isProgramText(String text) {
    try {
      for (Module module : modules) {
        if (module.holdsConstant(text)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return false;
    }
  }

  /** File names of modules that could not be opened: nothing in them has a name. */
  public List<String> missing() {
    return List.copyOf(missing);
  }

  @Override
  public void close() {
    modules.forEach(Module::close);
  }
}
