package io.leakwatch.evaluation.frontier;

import com.microsoft.ml.lightgbm.PredictionType;
import io.github.metarank.lightgbm4j.LGBMBooster;
import io.github.metarank.lightgbm4j.LGBMDataset;
import io.github.metarank.lightgbm4j.LGBMException;
import io.leakwatch.trend.HourFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Gradient-boosted trees that say of an hour how likely it is that something leaks. The same series
 * give the same trees.
 */
final class BoostedTrees implements AutoCloseable {
  private static final int TREES = 200;
  private static final String SETTINGS =
      "objective=binary learning_rate=0.12 num_leaves=63 min_data_in_leaf=300 lambda_l2=5"
          + " feature_fraction=0.3 bagging_fraction=0.7 bagging_freq=1 max_bin=63 seed=1"
          + " deterministic=true force_row_wise=true num_threads=2 verbose=-1";

  private static final String TEMPORARY = "java.io.tmpdir";

  private final LGBMBooster booster;
  private final List<String> names;

  private BoostedTrees(LGBMBooster booster, List<String> names) {
    this.booster = booster;
    this.names = names;
  }

  /**
   * Loads the native part from a directory of its own: the library unpacks it to a fixed name in
   * the temporary directory, over what another process may be running from.
   */
  private static void load() throws IOException {
    String shared = System.getProperty(TEMPORARY);
    Path own = Files.createTempDirectory("trees");
    System.setProperty(TEMPORARY, own.toString());
    try {
      LGBMBooster.loadNative();
    } finally {
      System.setProperty(TEMPORARY, shared);
      try (Stream<Path> files = Files.list(own)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(own);
    }
  }

  static BoostedTrees learn(List<HourlySeries> series) throws IOException, LGBMException {
    load();
    List<String> names = HourFigures.names();
    int rows = series.stream().mapToInt(s -> s.hours().size()).sum();
    float[] figures = new float[Math.multiplyExact(rows, names.size())];
    float[] leaks = new float[rows];
    int row = 0;
    for (HourlySeries s : series) {
      System.arraycopy(s.figures(), 0, figures, row * names.size(), s.figures().length);
      for (HourlySeries.Hour hour : s.hours()) {
        leaks[row++] = hour.leaks() ? 1 : 0;
      }
    }
    try (LGBMDataset data =
        LGBMDataset.createFromMat(figures, rows, names.size(), true, SETTINGS, null)) {
      data.setField("label", leaks);
      LGBMBooster booster = LGBMBooster.create(data, SETTINGS);
      for (int i = 0; i < TREES; i++) {
        booster.updateOneIter();
      }
      return new BoostedTrees(booster, names);
    }
  }

  /** The log odds of a leak in each hour. */
  double[] scores(HourlySeries series) {
    int rows = series.hours().size();
    if (rows == 0) {
      return new double[0];
    }
    try {
      return booster.predictForMat(
          series.figures(),
          rows,
          names.size(),
          true,
          PredictionType.C_API_PREDICT_RAW_SCORE,
          "num_threads=1");
    } catch (LGBMException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The figures that told most, by what the trees gained from them. */
  List<String> mostTelling(int count) throws LGBMException {
    double[] gains = booster.featureImportance(0, LGBMBooster.FeatureImportanceType.GAIN);
    return IntStream.range(0, gains.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -gains[i]))
        .limit(count)
        .map(names::get)
        .toList();
  }

  @Override
  public void close() throws LGBMException {
    booster.close();
  }
}
