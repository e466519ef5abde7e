package io.leakwatch.export.text;

import io.leakwatch.heap.HeapStrip;
import io.leakwatch.heap.HeapStrips;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Glibc's heaps as rows of characters, the most telling first: of a leak they are full, a pinned
 * heap is empty below the mark of what pins it.
 */
public final class StripText {
  private static final String HEIGHTS = "▁▂▃▄▅▆▇██";

  /** Characters before the cells. */
  private static final int LABEL_COLUMNS = 18;

  private static final int CELLS_MIN = 8;

  private StripText() {}

  /**
   * The rows with a legend below them; nothing where there are no heaps.
   *
   * @param rowsMax heaps that are shown
   * @param columns of the terminal
   * @param blocks whether block characters may be used, else ASCII
   */
  public static List<String> lines(HeapStrips strips, int rowsMax, int columns, boolean blocks) {
    List<String> lines = new ArrayList<>();
    if (strips.list().isEmpty() || rowsMax < 1) {
      return lines;
    }
    int cellsMax = Math.max(CELLS_MIN, columns - LABEL_COLUMNS);
    List<HeapStrip> shown = strips.telling(rowsMax);
    for (HeapStrip strip : shown) {
      String arena = strip.main() ? "main" : Integer.toString(strip.arena());
      HeapStrip folded = strip.folded(cellsMax);
      lines.add(
          String.format(Locale.ROOT, "%-6s %9s  ", arena, Quantity.size(strip.bytes()))
              + row(folded, blocks));
    }
    lines.add(
        blocks
            ? "a cell: ▁ to █ in use, ░ free and resident, · free without memory, ▲ pins the top"
            : "a cell: 1 to 9 tenths in use, _ free and resident, . free without memory, ^ pins"
                + " the top");
    int hidden = strips.list().size() - shown.size() + strips.omitted();
    if (hidden > 0) {
      lines.add((blocks ? "… and " : "and ") + hidden + " more heaps");
    }
    return lines;
  }

  private static String row(HeapStrip strip, boolean blocks) {
    StringBuilder row = new StringBuilder();
    String cells = strip.cells();
    for (int i = 0; i < cells.length(); i++) {
      row.append(i == strip.pinCell() ? (blocks ? '▲' : '^') : cell(cells.charAt(i), blocks));
    }
    return row.toString();
  }

  private static char cell(char cell, boolean blocks) {
    return switch (cell) {
      case HeapStrip.FREE -> blocks ? '░' : '_';
      case HeapStrip.RETURNED -> blocks ? '·' : '.';
      default -> blocks && HeapStrip.isInUse(cell) ? HEIGHTS.charAt(cell - '1') : cell;
    };
  }
}
