package io.leakwatch.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Whether of diagnose's verdicts with a confidence of c a share of c is right. {@code unknown}
 * claims nothing and is not counted.
 */
record Calibration(List<Bin> bins) {
  private static final double[] EDGES = {0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0001};

  /**
   * The verdicts with a confidence from one bound to below another.
   *
   * @param confidence their mean confidence
   */
  record Bin(double from, double to, int verdicts, int right, double confidence) {}

  static Calibration of(List<Row> rows) {
    List<Bin> bins = new ArrayList<>();
    for (int i = 0; i + 1 < EDGES.length; i++) {
      double from = EDGES[i];
      double to = EDGES[i + 1];
      List<Row> inBin =
          rows.stream()
              .filter(row -> !row.said().verdict().isEmpty())
              .filter(row -> !row.said().verdict().equals("unknown"))
              .filter(row -> row.said().confidence() >= from && row.said().confidence() < to)
              .toList();
      if (!inBin.isEmpty()) {
        bins.add(
            new Bin(
                from,
                Math.min(1, to),
                inBin.size(),
                (int) inBin.stream().filter(Row::verdictRight).count(),
                inBin.stream().mapToDouble(row -> row.said().confidence()).average().orElse(0)));
      }
    }
    return new Calibration(List.copyOf(bins));
  }

  String markdown() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        ## Calibration of confidence

        Of `diagnose`'s verdicts other than `unknown`, how many are true, by the confidence that was stated.

        | confidence | verdicts | mean confidence | true | share |
        |---|---|---|---|---|
        """);
    for (Bin bin : bins) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s to %s | %d | %s | %d | %s |%n",
              Requirements.percent(bin.from()),
              Requirements.percent(bin.to()),
              bin.verdicts(),
              Requirements.percent(bin.confidence()),
              bin.right(),
              Requirements.percent((double) bin.right() / bin.verdicts())));
    }
    return text.toString();
  }
}
