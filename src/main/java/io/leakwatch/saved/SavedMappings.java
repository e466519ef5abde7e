package io.leakwatch.saved;

import io.leakwatch.proc.memory.MappingTable;
import io.leakwatch.proc.memory.MappingTable.Field;
import io.leakwatch.proc.memory.MappingText;
import io.leakwatch.proc.memory.PmapParser;
import io.leakwatch.proc.memory.ReadBuffers;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.text.ForeignText;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The mappings of a process as a saved file has them: the kernel's smaps or maps, or the output of
 * {@code pmap -X} or {@code -XX}. Which one it is, is seen by its first lines.
 *
 * @param file what the text is called in messages
 * @param title the line {@code PID: command line} of pmap, {@code ""} where there is none
 * @param pageBytes the base page size of the node that it was saved on, as far as it can be seen
 * @param notes what is wrong with the text or left out of it, in words
 */
public record SavedMappings(
    String file,
    Format format,
    MappingTable table,
    String title,
    long pageBytes,
    List<String> notes) {
  private static final Pattern HEADER =
      Pattern.compile("[0-9a-f]{1,16}-[0-9a-f]{1,16} [r-][w-][x-][sp-] .*");
  private static final Pattern NARROW_PMAP =
      Pattern.compile("Address\\s+Kbytes\\s.*|[0-9a-f]{8,16}\\s+\\d+K\\s.*");
  private static final Pattern ROW_WITHOUT_HEADER =
      Pattern.compile("\\s*[0-9a-f]{8,16} [r-][w-][x-][sp-] [0-9a-f]{8,16} .*");
  private static final int SHOWN_CHARACTERS_MAX = 60;
  private static final int PAGE_BITS_MAX = 16;
  private static final int PAGE_BITS_MIN = 12;

  /** Text of which kind. */
  public enum Format {
    SMAPS,
    MAPS,
    PMAP;

    /** The command or the file of /proc that makes it. */
    public String wireName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public SavedMappings {
    notes = List.copyOf(notes);
  }

  /**
   * Reads a text, or finds it empty.
   *
   * @throws CommandFailure where it is none of the three kinds, or of no mapping at all
   */
  static Optional<SavedMappings> read(String file, InputStream in) {
    try {
      ForeignLines lines = new ForeignLines(in);
      String begin = lines.begin();
      if (begin.isBlank()) {
        return Optional.empty();
      }
      return Optional.of(isPmap(file, begin) ? ofPmap(file, lines) : ofKernel(file, lines));
    } catch (IOException e) {
      throw SavedFile.failure(file, e);
    }
  }

  /** Decides by the first line that can belong to one of the kinds only. */
  private static boolean isPmap(String file, String begin) {
    if (begin.indexOf('\0') >= 0) {
      throw CommandFailure.because(
          file + ": is binary; wanted is the text of smaps or maps, or of pmap -X");
    }
    int number = 0;
    for (String line : begin.split("\r?\n", -1)) {
      number++;
      String place = file + ":" + number + ": ";
      if (HEADER.matcher(line).matches()) {
        if (line.stripTrailing().endsWith(" [rollup]")) {
          throw CommandFailure.because(
              place + "smaps_rollup has sums only, no mappings; give smaps instead");
        }
        return false;
      }
      if (PmapParser.isHeader(line)) {
        return true;
      }
      if (NARROW_PMAP.matcher(line).matches()) {
        throw CommandFailure.because(
            place + "pmap without -X leaves out too much; give the output of pmap -X or -XX");
      }
      if (ROW_WITHOUT_HEADER.matcher(line).matches()) {
        throw CommandFailure.because(
            place + "pmap -q leaves out the names of the columns; give the output without -q");
      }
    }
    String first = begin.strip().split("\\R", 2)[0];
    throw CommandFailure.because(
        String.format(
            Locale.ROOT,
            "%s:%d: is neither smaps nor maps nor the output of pmap -X: \"%s\"",
            file,
            1 + begin.substring(0, begin.indexOf(first)).chars().filter(c -> c == '\n').count(),
            ForeignText.harmless(first, SHOWN_CHARACTERS_MAX)));
  }

  private static SavedMappings ofKernel(String file, ForeignLines lines) throws IOException {
    MappingTable table = new MappingTable();
    new MappingText(new ReadBuffers()).read((piece, position) -> lines.read(piece), table);
    List<String> notes = new ArrayList<>();
    boolean smaps = table.has(Field.RSS);
    boolean cut = smaps && table.hasFlags() && !lines.lastLineBegin().startsWith("VmFlags:");
    if (cut) {
      notes.add(file + " is cut: it ends in the middle of a mapping, and more may be missing");
    } else if (lines.endsInALine()) {
      notes.add(file + " may be cut: its last line has no end");
    }
    return of(file, smaps ? Format.SMAPS : Format.MAPS, table, "", notes);
  }

  private static SavedMappings ofPmap(String file, ForeignLines lines) throws IOException {
    MappingTable table = new MappingTable();
    PmapParser parser = new PmapParser(table);
    ForeignLines.Line line = lines.next();
    while (line != null) {
      if (line instanceof ForeignLines.Text text) {
        parser.accept(text.text());
      } else {
        parser.acceptEndlessLine();
      }
      line = lines.next();
    }
    List<String> notes = new ArrayList<>();
    long rss = table.total(Field.RSS);
    parser
        .totalRssBytes()
        .ifPresentOrElse(
            total -> {
              if (total != rss) {
                notes.add(
                    String.format(
                        Locale.ROOT,
                        "%s has rows for %,d KiB of Rss, and %,d KiB in its last line: rows are"
                            + " missing",
                        file,
                        rss >> 10,
                        total >> 10));
              }
            },
            () -> notes.add(file + " has no line of totals: it may be cut"));
    return of(file, Format.PMAP, table, parser.title(), notes);
  }

  private static SavedMappings of(
      String file, Format format, MappingTable table, String title, List<String> notes) {
    if (table.rowsBeyond() > 0) {
      throw CommandFailure.because(
          String.format(
              Locale.ROOT,
              "%s: has %,d mappings, more than the %,d that are read",
              file,
              (long) table.size() + table.rowsBeyond(),
              table.rowsMax()));
    }
    if (table.restartLine() > 0) {
      throw CommandFailure.because(
          file
              + ":"
              + table.restartLine()
              + ": here begin the mappings of another process; give"
              + " one at a time");
    }
    if (table.size() == 0) {
      throw CommandFailure.because(
          file + ":" + table.firstMalformedLine() + ": no mapping can be read from it");
    }
    if (table.malformedLines() > 0) {
      notes.add(
          String.format(
              Locale.ROOT,
              "%s:%d: malformed line%s",
              file,
              table.firstMalformedLine(),
              table.malformedLines() == 1
                  ? ""
                  : String.format(Locale.ROOT, ", the first of %,d", table.malformedLines())));
    }
    boolean told = table.has(Field.KERNEL_PAGE_SIZE);
    long pageBytes = told ? table.basePageBytes() : pageBytes(table);
    if (!told) {
      for (int i = 0; i < table.size(); i++) {
        table.set(i, Field.KERNEL_PAGE_SIZE, pageBytes);
      }
    }
    return new SavedMappings(file, format, table, title, pageBytes, notes);
  }

  /** The largest page, of 4 to 64 KiB, at whose multiples every mapping begins and ends. */
  private static long pageBytes(MappingTable table) {
    long all = 0;
    for (int i = 0; i < table.size(); i++) {
      all |= table.start(i) | table.end(i);
    }
    int bits = Long.numberOfTrailingZeros(all);
    return 1L << Math.max(PAGE_BITS_MIN, Math.min(PAGE_BITS_MAX, bits));
  }
}
