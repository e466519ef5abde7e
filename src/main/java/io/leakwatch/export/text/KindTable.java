package io.leakwatch.export.text;

import io.leakwatch.export.SavedView.KnownFigures;
import io.leakwatch.region.Layout;
import io.leakwatch.region.kind.RegionKind;
import io.leakwatch.text.Quantity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** The memory of a process by kind as a table for a terminal, the largest kind first. */
record KindTable(KnownFigures known, Style style) {
  private static final int BAR_CELLS = 24;

  /**
   * The header and a row for each kind.
   *
   * @param remark what stands at the end of a kind's row
   */
  List<String> rows(Layout layout, Function<RegionKind, String> remark) {
    ToLongFunction<Layout.Totals> size =
        known.resident() ? Layout.Totals::residentBytes : Layout.Totals::mappedBytes;
    long most = layout.kinds().values().stream().mapToLong(size).max().orElse(0);
    List<String> rows = new ArrayList<>();
    rows.add(
        row(
            "%-14s %7s %11s %11s %11s %10s",
            "KIND", "COUNT", "MAPPED", "RESIDENT", "ANONYMOUS", "SWAP"));
    layout.kinds().entrySet().stream()
        .sorted(
            Comparator.comparingLong(
                (Map.Entry<RegionKind, Layout.Totals> one) -> -size.applyAsLong(one.getValue())))
        .forEach(
            one -> {
              Layout.Totals totals = one.getValue();
              rows.add(
                  row(
                      "%-14s %7d %11s %11s %11s %10s  %s%s",
                      one.getKey().wireName(),
                      totals.count(),
                      Quantity.size(totals.mappedBytes()),
                      size(known.resident(), totals.residentBytes()),
                      size(known.anonymous(), totals.anonymousBytes()),
                      size(known.swap(), totals.swapBytes()),
                      style.cyan(bar(size.applyAsLong(totals), most)),
                      remark.apply(one.getKey())));
            });
    return rows;
  }

  /** A size, {@code ?} where it is not known. */
  static String size(boolean known, long bytes) {
    return Quantity.size(known ? bytes : Double.NaN);
  }

  private static String row(String format, Object... cells) {
    return String.format(Locale.ROOT, format, cells).stripTrailing();
  }

  /** A share as a bar of blocks. */
  static String bar(long part, long whole) {
    double share = whole > 0 ? Math.max(0, Math.min(1, (double) part / whole)) : 0;
    int eighths = (int) Math.round(share * BAR_CELLS * 8);
    String full = "█".repeat(eighths / 8);
    return eighths % 8 == 0 ? full : full + (char) ('█' + 8 - eighths % 8);
  }
}
