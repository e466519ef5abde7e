package io.leakwatch.proc.memory;

import io.leakwatch.proc.memory.MappingTable.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@code pmap -X} and {@code pmap -XX} of procps print, line by line, into a {@link
 * MappingTable}.
 *
 * <p>pmap copies the figures of smaps into columns. Which ones there are differs with the kernel,
 * with pmap's version and with {@code -XX}, so the header line says what each column is, and a
 * figure without a column is absent. All columns but the last are aligned to the right and none of
 * them is empty, except VmFlags: it holds any number of two-letter words, or none. Where a row is
 * aligned as the header is, VmFlags ends where its title ends; where blanks were lost on the way,
 * it ends with the last word of two letters. Lengths take the place of end addresses.
 *
 * <p>Without {@code -p} pmap prints the last part of a path. Names that the kernel makes are known
 * by that; every other one is shown as {@code /…/NAME}: a file of which the directory is not known.
 */
public final class PmapParser {
  private static final int COLUMNS_MAX = 64;
  private static final int DIGITS_MAX = 15;
  private static final String DIRECTORY = "/…/";
  private static final String[] KERNEL_NAMES = {"memfd:", "SYSV", "anon_hugepage"};
  private static final String[] PSEUDO_NAMES = {
    "[", "/", "anon_inode:", "socket:", "pipe:", "net:"
  };

  private final MappingTable table;
  private final NameTable names = new NameTable();
  private List<String> columns = List.of();
  private int addressEnd;
  private int flagsEnd;
  private long line;
  private long lastEnd;
  private boolean totalsFollow;
  private boolean ended;
  private String title = "";
  private OptionalLong totalRssBytes = OptionalLong.empty();

  /**
   * A parser of one listing.
   *
   * @param into is emptied first
   */
  public PmapParser(MappingTable into) {
    into.clear();
    this.table = into;
  }

  /** Whether a line is the header of a listing that can be read. */
  public static boolean isHeader(String line) {
    List<String> words = words(line);
    return words.contains("Address")
        && words.contains("Perm")
        && words.contains("Size")
        && words.size() <= COLUMNS_MAX;
  }

  /** Takes the next line, without its line end. */
  public void accept(String text) {
    line++;
    if (text.isBlank() || (text.startsWith("#") && !isHeader(text))) {
      return;
    }
    if (columns.isEmpty()) {
      begin(text);
    } else if (totalsFollow) {
      totals(text);
    } else if (isHeader(text)) {
      table.noteRestart(line);
      ended = true;
    } else if (!ended && text.strip().startsWith("===")) {
      totalsFollow = true;
      ended = true;
    } else if (!ended && !row(text)) {
      table.countMalformedLine(line);
    }
  }

  /** Counts a line that is longer than any buffer. */
  public void acceptEndlessLine() {
    line++;
    table.countMalformedLine(line);
  }

  /** The line before the header, {@code PID: command line}; {@code ""} where there was none. */
  public String title() {
    return title;
  }

  /** Rss of all mappings as the listing's own last line says it. */
  public OptionalLong totalRssBytes() {
    return totalRssBytes;
  }

  private void begin(String text) {
    if (isHeader(text)) {
      columns = words(text);
      addressEnd = text.indexOf("Address") + "Address".length();
      int flags = text.indexOf(" VmFlags");
      flagsEnd = flags < 0 ? -1 : flags + " VmFlags".length();
    } else if (text.matches("\\d{1,9}:\\s.*")) {
      title = text;
    }
  }

  private static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    Cells cells = new Cells(line.startsWith("#") ? line.substring(1) : line);
    String word = cells.next();
    while (!word.isEmpty() && words.size() <= COLUMNS_MAX) {
      words.add(word);
      word = cells.next();
    }
    return words;
  }

  private boolean row(String text) {
    Cells cells = new Cells(text);
    Row row = new Row();
    boolean aligned = false;
    for (String column : columns) {
      switch (column) {
        case "Address" -> {
          row.start = hex(cells.next());
          aligned = cells.at == addressEnd;
        }
        case "Perm" -> row.permissions = cells.next();
        case "Offset" -> row.offset = hex(cells.next()).orElse(0);
        case "Inode" -> row.inode = decimal(cells.next()).orElse(0);
        case "Size" -> row.size = decimal(cells.next());
        case "VmFlags" -> row.flags = cells.flags(aligned ? flagsEnd : -1);
        case "Mapping" -> row.name = cells.rest();
        default -> row.figure(column, cells.next());
      }
    }
    return row.addTo(table);
  }

  private void totals(String text) {
    totalsFollow = false;
    Cells cells = new Cells(text);
    boolean began = false;
    for (String column : columns) {
      began |= column.equals("Size");
      if (began && !column.equals("VmFlags") && !column.equals("Mapping")) {
        OptionalLong total = decimal(cells.next());
        if (column.equals(Field.RSS.key()) && total.isPresent()) {
          totalRssBytes = OptionalLong.of(total.getAsLong() << 10);
        }
      }
    }
  }

  private static OptionalLong hex(String word) {
    return word.matches("[0-9a-f]{1,16}")
        ? OptionalLong.of(Long.parseUnsignedLong(word, 16))
        : OptionalLong.empty();
  }

  private static OptionalLong decimal(String word) {
    return word.matches("[0-9]{1," + DIGITS_MAX + "}")
        ? OptionalLong.of(Long.parseLong(word))
        : OptionalLong.empty();
  }

  private static @Nullable Field field(String column) {
    for (Field field : Field.values()) {
      if (field.key().equals(column)) {
        return field;
      }
    }
    return null;
  }

  /** The name as the kernel prints it, as far as its last part says. */
  private static String full(String printed, long inode) {
    for (String begin : KERNEL_NAMES) {
      if (printed.startsWith(begin)) {
        return "/" + printed;
      }
    }
    for (String begin : PSEUDO_NAMES) {
      if (printed.startsWith(begin)) {
        return printed;
      }
    }
    if (printed.equals("zero (deleted)")) {
      return "/dev/" + printed;
    }
    return printed.isEmpty() || inode == 0 ? printed : DIRECTORY + printed;
  }

  /** What one line says. */
  private final class Row {
    private OptionalLong start = OptionalLong.empty();
    private OptionalLong size = OptionalLong.empty();
    private String permissions = "";
    private long offset;
    private long inode;
    private int flags = -1;
    private String name = "";
    private final List<Field> fields = new ArrayList<>();
    private final List<Long> figures = new ArrayList<>();
    private boolean whole = true;

    private void figure(String column, String word) {
      Field field = field(column);
      OptionalLong value = field == null ? OptionalLong.empty() : decimal(word);
      if (field != null && value.isPresent()) {
        fields.add(field);
        figures.add(value.getAsLong() << 10);
      }
      whole &= !word.isEmpty() && (field == null || value.isPresent());
    }

    /** Returns false where something is missing; the mapping is added if its place is known. */
    private boolean addTo(MappingTable into) {
      if (start.isEmpty() || size.isEmpty() || !permissions.matches("[r-][w-][x-][sp-]")) {
        return false;
      }
      long from = start.getAsLong();
      long to = from + (size.getAsLong() << 10);
      if (!AddressRanges.isPossible(from, to, lastEnd)) {
        return false;
      }
      lastEnd = to;
      int set = MappingTable.permissions(permissions);
      byte[] bytes = full(name, inode).getBytes(StandardCharsets.UTF_8);
      String bounded = names.name(bytes, 0, bytes.length);
      int i = into.add(from, to, set, offset, inode, bounded);
      for (int f = 0; f < fields.size() && i >= 0; f++) {
        into.set(i, fields.get(f), figures.get(f));
      }
      if (flags >= 0 && i >= 0) {
        into.setFlags(i, flags);
      }
      return whole;
    }
  }

  /** The words of one line, from left to right. */
  private static final class Cells {
    private final String text;
    private int at;

    Cells(String text) {
      this.text = text;
    }

    /** The next word, {@code ""} at the end. */
    String next() {
      skipBlanks();
      int from = at;
      while (at < text.length() && text.charAt(at) != ' ' && text.charAt(at) != '\t') {
        at++;
      }
      return text.substring(from, at);
    }

    /** What is left of the line, without the blanks at its ends. */
    String rest() {
      return text.substring(at).strip();
    }

    /**
     * The bits of VmFlags.
     *
     * @param end where the column ends, -1 where the words alone say that
     */
    int flags(int end) {
      int flags = 0;
      while (true) {
        int before = at;
        String word = next();
        if (word.length() != 2 || (end >= 0 && at > end)) {
          at = before;
          return flags;
        }
        flags |= MappingTable.flag((byte) word.charAt(0), (byte) word.charAt(1));
      }
    }

    private void skipBlanks() {
      while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
        at++;
      }
    }
  }
}
