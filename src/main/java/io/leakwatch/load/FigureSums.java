package io.leakwatch.load;

import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.LoadSeries.Kind;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The wanted figures of one answer.
 *
 * <p>brpc 1.15 and later count blocks where they should add up bytes, so that iobuf_block_memory
 * equals iobuf_block_count; then the count is taken, times the size of a block.
 */
final class FigureSums {
  private static final String BLOCK_MEMORY = "iobuf_block_memory";
  private static final double BLOCK_BYTES = 8192;
  private static final double BLOCK_BYTES_LEAST = 64;

  private final MetricNames names;
  private final int seriesMax;
  private final double[] sums;
  private final @Nullable Kind[] kinds;
  private double blockMemory = Double.NaN;
  private double blockCount = Double.NaN;

  FigureSums(MetricNames names, int seriesMax) {
    this.names = names;
    this.seriesMax = seriesMax;
    this.sums = new double[names.names().size()];
    this.kinds = new @Nullable Kind[names.names().size()];
  }

  void add(int name, double figure, Kind kind) {
    kinds[name] = kinds[name] == null || kinds[name] == kind ? kind : Kind.UNDECLARED;
    sums[name] += figure;
  }

  void blockMemory(double bytes) {
    blockMemory = bytes;
  }

  void blockCount(double count) {
    blockCount = count;
  }

  Map<LoadSeries, Double> figures() {
    Map<LoadSeries, Double> figures = new HashMap<>();
    for (int i = 0; i < sums.length && figures.size() < seriesMax; i++) {
      String name = names.names().get(i);
      Kind kind = kinds[i];
      if (kind != null && Double.isFinite(sums[i])) {
        figures.put(new LoadSeries(name, kind), repaired(name, sums[i]));
      }
    }
    return figures;
  }

  private double repaired(String name, double figure) {
    boolean broken =
        name.equals(BLOCK_MEMORY) && blockCount > 0 && blockMemory < BLOCK_BYTES_LEAST * blockCount;
    return broken ? blockCount * BLOCK_BYTES : figure;
  }
}
