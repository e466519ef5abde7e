package io.leakwatch.export.table;

import io.leakwatch.export.text.ShortQuantity;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A process' resident memory as one bar of stacked parts, and what the parts are. */
final class MemoryBar {
  private static final String BLOCK = "█";
  private static final int PART_COLUMNS = 13;

  private final AnsiStyle paint;

  MemoryBar(AnsiStyle paint) {
    this.paint = paint;
  }

  /** The bar in so many columns: blocks where there are colours, else letters. */
  String of(MemoryShares shares, int columns) {
    StringBuilder bar = new StringBuilder();
    int used = 0;
    for (Map.Entry<MemoryShares.Part, Integer> part : shares.columns(columns).entrySet()) {
      String mark = mark(part.getKey());
      bar.append(paint.of(part.getKey().colour, mark.repeat(part.getValue())));
      used += part.getValue();
    }
    return bar + " ".repeat(Math.max(0, columns - used));
  }

  private String mark(MemoryShares.Part part) {
    return paint.hasColours() ? BLOCK : String.valueOf(part.letter);
  }

  /** All parts that there are, with their sizes, as far as they fit into one line. */
  String legend(MemoryShares shares, String begin, int width) {
    StringBuilder line = new StringBuilder(begin);
    int columns = begin.length();
    for (MemoryShares.Part part : MemoryShares.Part.values()) {
      if (shares.of(part) > 0) {
        String words = " " + part.words + " " + ShortQuantity.size((double) shares.of(part));
        if (columns + words.length() + 3 > width) {
          break;
        }
        line.append(columns > begin.length() ? "  " : "");
        columns += words.length() + (columns > begin.length() ? 3 : 1);
        line.append(paint.of(part.colour, mark(part))).append(words);
      }
    }
    return line.toString();
  }

  /** A line for each part: its bar, its size and its share. */
  List<String> lines(MemoryShares shares, String begin, int width) {
    List<String> lines = new ArrayList<>();
    int room = Math.min(60, width - begin.length() - PART_COLUMNS - 20);
    for (MemoryShares.Part part : MemoryShares.Part.values()) {
      if (shares.of(part) > 0) {
        String words =
            String.format(
                Locale.ROOT,
                "%s%-" + PART_COLUMNS + "s%10s %6s  ",
                begin,
                part.words,
                Quantity.size((double) shares.of(part)),
                Quantity.percent(shares.share(part)));
        int columns = Math.max(0, (int) Math.round(shares.share(part) * room));
        lines.add(
            room > 0
                ? words + paint.of(part.colour, mark(part).repeat(columns))
                : PlainText.cut(words.stripTrailing(), width));
      }
    }
    return lines;
  }
}
