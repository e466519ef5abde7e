package io.leakwatch.proc;

import io.leakwatch.os.PageSize;
import java.util.Arrays;

/**
 * The mappings of one process as columns, in address order. It is reused from look to look, so that
 * a process with 30,000 mappings costs no garbage. Sizes are bytes.
 *
 * <p>A table comes from one of two sources: {@code smaps}, which fills every {@link Field} (what
 * the kernel in question does not print stays 0 and is reported absent by {@link #has}), or {@code
 * maps} with a page scan, which fills {@link Field#RSS}, {@link Field#SWAP} and nothing else.
 */
public final class MappingTable {

  /** The figures of a mapping, named as /proc/PID/smaps names them (fs/proc/task_mmu.c). */
  public enum Field {
    RSS("Rss"),
    PSS("Pss"),
    SHARED_CLEAN("Shared_Clean"),
    SHARED_DIRTY("Shared_Dirty"),
    PRIVATE_CLEAN("Private_Clean"),
    PRIVATE_DIRTY("Private_Dirty"),
    REFERENCED("Referenced"),
    ANONYMOUS("Anonymous"),
    KSM("KSM"),
    LAZY_FREE("LazyFree"),
    ANON_HUGE_PAGES("AnonHugePages"),
    SHMEM_PMD_MAPPED("ShmemPmdMapped"),
    SHARED_HUGETLB("Shared_Hugetlb"),
    PRIVATE_HUGETLB("Private_Hugetlb"),
    SWAP("Swap"),
    SWAP_PSS("SwapPss"),
    LOCKED("Locked"),
    KERNEL_PAGE_SIZE("KernelPageSize");

    private final String key;

    Field(String key) {
      this.key = key;
    }

    public String key() {
      return key;
    }
  }

  public static final int READ = 1;
  public static final int WRITE = 2;
  public static final int EXECUTE = 4;
  public static final int SHARED = 8;

  /** What VmFlags of smaps tells beyond the permissions, as far as it matters here. */
  public static final int ACCOUNTED = 1;

  /** MAP_NORESERVE: glibc's arenas are mapped so. */
  public static final int NO_RESERVE = 2;

  /** Grows down: a main stack. */
  public static final int GROWS_DOWN = 4;

  /** Advised to use huge pages. */
  public static final int HUGE_PAGE_ADVISED = 8;

  public static final int HUGETLB = 16;

  /** A device's memory or bare page frames: the kernel counts no Rss for it. */
  public static final int PAGE_FRAMES = 32;

  public static final int DO_NOT_DUMP = 64;

  private static final Field[] FIELDS = Field.values();

  private int size;
  private long[] start = new long[256];
  private long[] end = new long[256];
  private long[] offset = new long[256];
  private long[] inode = new long[256];
  private byte[] permissions = new byte[256];
  private short[] flags = new short[256];
  private String[] name = new String[256];
  private final long[][] figures = new long[FIELDS.length][256];
  private long present;
  private boolean hasFlags;
  private int malformedLines;

  /** Empties the table and keeps its storage. */
  public void clear() {
    Arrays.fill(name, 0, size, "");
    size = 0;
    present = 0;
    hasFlags = false;
    malformedLines = 0;
  }

  public int size() {
    return size;
  }

  /**
   * Appends a mapping whose figures are all 0.
   *
   * @param name the path or pseudo-path as the kernel prints it, {@code ""} for none
   * @return its index
   */
  public int add(long start, long end, int permissions, long offset, long inode, String name) {
    if (size == this.start.length) {
      grow();
    }
    int i = size++;
    this.start[i] = start;
    this.end[i] = end;
    this.permissions[i] = (byte) permissions;
    this.flags[i] = 0;
    this.offset[i] = offset;
    this.inode[i] = inode;
    this.name[i] = name;
    for (long[] column : figures) {
      column[i] = 0;
    }
    return i;
  }

  public void set(int i, Field field, long bytes) {
    figures[field.ordinal()][i] = bytes;
    present |= 1L << field.ordinal();
  }

  /** Whether the source gave this figure for at least one mapping: absent is not zero. */
  public boolean has(Field field) {
    return (present & 1L << field.ordinal()) != 0;
  }

  public long get(int i, Field field) {
    return figures[field.ordinal()][i];
  }

  /** Sum of a figure over all mappings. */
  public long total(Field field) {
    long sum = 0;
    long[] column = figures[field.ordinal()];
    for (int i = 0; i < size; i++) {
      sum += column[i];
    }
    return sum;
  }

  /** The base page size: the smallest that the source gives, else that of this kernel. */
  public long basePageBytes() {
    long smallest = Long.MAX_VALUE;
    long[] column = figures[Field.KERNEL_PAGE_SIZE.ordinal()];
    for (int i = 0; has(Field.KERNEL_PAGE_SIZE) && i < size; i++) {
      smallest = column[i] > 0 ? Math.min(smallest, column[i]) : smallest;
    }
    return smallest == Long.MAX_VALUE ? PageSize.BYTES : smallest;
  }

  /** Start address; addresses above 2^63 (vsyscall) are negative longs, compare unsigned. */
  public long start(int i) {
    return start[i];
  }

  /** First address behind the mapping. */
  public long end(int i) {
    return end[i];
  }

  public long lengthBytes(int i) {
    return end[i] - start[i];
  }

  public long offset(int i) {
    return offset[i];
  }

  public long inode(int i) {
    return inode[i];
  }

  /** The path or pseudo-path as the kernel prints it; {@code ""} for an anonymous mapping. */
  public String name(int i) {
    return name[i];
  }

  /** A set of {@link #READ}, {@link #WRITE}, {@link #EXECUTE}, {@link #SHARED}. */
  public int permissions(int i) {
    return permissions[i];
  }

  /** A set of {@link #ACCOUNTED}, {@link #NO_RESERVE} and so on; empty unless {@link #hasFlags}. */
  public int flags(int i) {
    return flags[i];
  }

  /** Whether the source told flags (smaps since 3.8). */
  public boolean hasFlags() {
    return hasFlags;
  }

  void setFlags(int i, int set) {
    flags[i] = (short) set;
    hasFlags = true;
  }

  /** The bit of a two-letter code of VmFlags, 0 for those that do not matter here. */
  static int flag(byte first, byte second) {
    return switch (first << 8 | second) {
      case 'a' << 8 | 'c' -> ACCOUNTED;
      case 'n' << 8 | 'r' -> NO_RESERVE;
      case 'g' << 8 | 'd' -> GROWS_DOWN;
      case 'h' << 8 | 'g' -> HUGE_PAGE_ADVISED;
      case 'h' << 8 | 't' -> HUGETLB;
      case 'p' << 8 | 'f' -> PAGE_FRAMES;
      case 'd' << 8 | 'd' -> DO_NOT_DUMP;
      default -> 0;
    };
  }

  /** Lines of the source that made no sense, or mappings beyond what is kept. */
  public int malformedLines() {
    return malformedLines;
  }

  void countMalformedLine() {
    malformedLines++;
  }

  public boolean isReadable(int i) {
    return (permissions[i] & READ) != 0;
  }

  public boolean isWritable(int i) {
    return (permissions[i] & WRITE) != 0;
  }

  public boolean isExecutable(int i) {
    return (permissions[i] & EXECUTE) != 0;
  }

  public boolean isShared(int i) {
    return (permissions[i] & SHARED) != 0;
  }

  private void grow() {
    int capacity = start.length * 2;
    start = Arrays.copyOf(start, capacity);
    end = Arrays.copyOf(end, capacity);
    offset = Arrays.copyOf(offset, capacity);
    inode = Arrays.copyOf(inode, capacity);
    permissions = Arrays.copyOf(permissions, capacity);
    flags = Arrays.copyOf(flags, capacity);
    name = Arrays.copyOf(name, capacity);
    for (int f = 0; f < figures.length; f++) {
      figures[f] = Arrays.copyOf(figures[f], capacity);
    }
  }
}
