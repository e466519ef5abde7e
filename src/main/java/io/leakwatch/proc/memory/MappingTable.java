package io.leakwatch.proc.memory;

import io.leakwatch.os.PageSize;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The mappings of one process as columns, in address order. It is reused from look to look, so that
 * a process with 30,000 mappings costs no garbage. Sizes are bytes.
 *
 * <p>A table comes from one of two sources: {@code smaps}, which fills every {@link Field} (what
 * the kernel in question does not print stays 0 and is reported absent by {@link #has}), or {@code
 * maps} with a page scan, which fills {@link Field#RSS}, {@link Field#SWAP} and nothing else.
 *
 * <p>A row takes {@link #ROW_BYTES_MAX} bytes at the most, and there are never more rows than the
 * table was made for: what is beyond is counted. The kernel prints figures in KiB, so a column
 * holds them as such in 32 bits, up to 4 TiB a mapping; a column that no source fills does not
 * exist.
 */
public final class MappingTable {

  /** The figures of a mapping, named as /proc/PID/smaps names them (fs/proc/task_mmu.c). */
  public enum Field {
    RSS("Rss"),
    ANONYMOUS("Anonymous"),
    LAZY_FREE("LazyFree"),
    ANON_HUGE_PAGES("AnonHugePages"),
    SWAP("Swap"),
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

  /** For a program that reads one process: four times the kernel's default max_map_count. */
  public static final int ROWS_MAX_ALONE = 1 << 18;

  /** What one row takes of the heap when every column is there. */
  public static final int ROW_BYTES_MAX = 4 * Long.BYTES + 4 + 3 + Field.values().length * 4;

  private static final int ROWS_AT_FIRST = 256;
  private static final Field[] FIELDS = Field.values();
  private static final long KIB_MAX = 0xffff_ffffL;

  private final int rowsMax;
  private int size;
  private long[] start = new long[ROWS_AT_FIRST];
  private long[] end = new long[ROWS_AT_FIRST];
  private long[] offset = new long[ROWS_AT_FIRST];
  private long[] inode = new long[ROWS_AT_FIRST];
  private byte[] permissions = new byte[ROWS_AT_FIRST];
  private short[] flags = new short[ROWS_AT_FIRST];
  private String[] name = new String[ROWS_AT_FIRST];
  private final int[] @Nullable [] kibibytes = new int[FIELDS.length][];
  private long present;
  private boolean hasFlags;
  private int malformedLines;
  private long firstMalformedLine;
  private long restartLine;
  private int rowsBeyond;

  /** A table for {@link #ROWS_MAX_ALONE} mappings. */
  public MappingTable() {
    this(ROWS_MAX_ALONE);
  }

  /**
   * An empty table.
   *
   * @param rowsMax mappings that it holds at the most
   */
  public MappingTable(int rowsMax) {
    this.rowsMax = rowsMax;
  }

  /** Empties the table and keeps its storage. */
  public void clear() {
    Arrays.fill(name, 0, size, "");
    for (int[] column : kibibytes) {
      if (column != null) {
        Arrays.fill(column, 0, size, 0);
      }
    }
    size = 0;
    present = 0;
    hasFlags = false;
    malformedLines = 0;
    firstMalformedLine = 0;
    restartLine = 0;
    rowsBeyond = 0;
  }

  /** How many mappings it can hold. */
  public int rowsMax() {
    return rowsMax;
  }

  /** Mappings that the process had beyond those that are kept here. */
  public int rowsBeyond() {
    return rowsBeyond;
  }

  public int size() {
    return size;
  }

  /**
   * Appends a mapping whose figures are all 0.
   *
   * @param name the path or pseudo-path as the kernel prints it, {@code ""} for none
   * @return its index, -1 where the table is full: then it is counted only
   */
  public int add(long start, long end, int permissions, long offset, long inode, String name) {
    if (size == rowsMax) {
      rowsBeyond++;
      return -1;
    }
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
    return i;
  }

  /** Sets a figure; whole KiB of it are kept. */
  public void set(int i, Field field, long bytes) {
    int[] column = kibibytes[field.ordinal()];
    if (column == null) {
      column = new int[start.length];
      kibibytes[field.ordinal()] = column;
    }
    column[i] = (int) Math.min(KIB_MAX, bytes >>> 10);
    present |= 1L << field.ordinal();
  }

  /** Whether the source gave this figure for at least one mapping: absent is not zero. */
  public boolean has(Field field) {
    return (present & 1L << field.ordinal()) != 0;
  }

  public long get(int i, Field field) {
    int[] column = kibibytes[field.ordinal()];
    return column == null ? 0 : Integer.toUnsignedLong(column[i]) << 10;
  }

  /** Sum of a figure over all mappings. */
  public long total(Field field) {
    long sum = 0;
    for (int i = 0; i < size; i++) {
      sum += get(i, field);
    }
    return sum;
  }

  /** The base page size: the smallest that the source gives, else that of this kernel. */
  public long basePageBytes() {
    long smallest = Long.MAX_VALUE;
    for (int i = 0; has(Field.KERNEL_PAGE_SIZE) && i < size; i++) {
      long bytes = get(i, Field.KERNEL_PAGE_SIZE);
      smallest = bytes > 0 ? Math.min(smallest, bytes) : smallest;
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

  /** The permissions as the kernel prints them, e.g. {@code rw-p}. */
  public String permissionLetters(int i) {
    return (isReadable(i) ? "r" : "-")
        + (isWritable(i) ? "w" : "-")
        + (isExecutable(i) ? "x" : "-")
        + (isShared(i) ? "s" : "p");
  }

  /** A set of {@link #ACCOUNTED}, {@link #NO_RESERVE} and so on; empty unless {@link #hasFlags}. */
  public int flags(int i) {
    return flags[i];
  }

  /** Whether the source told flags (smaps since 3.8). */
  public boolean hasFlags() {
    return hasFlags;
  }

  /** The set of four letters as the kernel prints them, e.g. {@code rw-p}. */
  static int permissions(CharSequence letters) {
    return (letters.charAt(0) == 'r' ? READ : 0)
        | (letters.charAt(1) == 'w' ? WRITE : 0)
        | (letters.charAt(2) == 'x' ? EXECUTE : 0)
        | (letters.charAt(3) == 's' ? SHARED : 0);
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

  /** Lines of the source that made no sense. */
  public int malformedLines() {
    return malformedLines;
  }

  /** The first of them, counted from 1; 0 where there is none. */
  public long firstMalformedLine() {
    return firstMalformedLine;
  }

  /** Where addresses begin again below the last one, as in the text of two processes; else 0. */
  public long restartLine() {
    return restartLine;
  }

  void noteRestart(long line) {
    restartLine = restartLine == 0 ? line : restartLine;
  }

  void countMalformedLine(long line) {
    if (malformedLines++ == 0) {
      firstMalformedLine = line;
    }
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
    int capacity = Math.min(rowsMax, start.length * 2);
    start = Arrays.copyOf(start, capacity);
    end = Arrays.copyOf(end, capacity);
    offset = Arrays.copyOf(offset, capacity);
    inode = Arrays.copyOf(inode, capacity);
    permissions = Arrays.copyOf(permissions, capacity);
    flags = Arrays.copyOf(flags, capacity);
    name = Arrays.copyOf(name, capacity);
    for (int f = 0; f < kibibytes.length; f++) {
      int[] column = kibibytes[f];
      kibibytes[f] = column == null ? null : Arrays.copyOf(column, capacity);
    }
  }
}
