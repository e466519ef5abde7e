package io.leakwatch.app;

import io.leakwatch.alert.SeveritySettings;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.history.HistorySettings;
import io.leakwatch.trend.TrendSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The judgement of every instance, kept while its process is restarted and brought back from the
 * history when the agent is. Bounded: the one that was used least recently goes first.
 */
final class Judgements {
  private static final Logger log = LoggerFactory.getLogger(Judgements.class);

  private final HistorySettings history;
  private final TrendSettings trend;
  private final SeveritySettings severities;
  private final Map<String, Judgement> byName;

  Judgements(
      HistorySettings history, TrendSettings trend, SeveritySettings severities, int atMost) {
    this.history = history;
    this.trend = trend;
    this.severities = severities;
    this.byName =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Judgement> eldest) {
            return size() > atMost;
          }
        };
  }

  /** The judgement of an instance; at its first use all that the history holds of it is judged. */
  Judgement of(String name, double nowSeconds) {
    Judgement judgement = byName.get(name);
    if (judgement == null) {
      judgement = restored(name, nowSeconds);
      byName.put(name, judgement);
    }
    return judgement;
  }

  private Judgement restored(String name, double nowSeconds) {
    Judgement judgement = new Judgement(trend, severities);
    if (!Files.exists(history.path())) {
      return judgement;
    }
    try (HistoryReader reader = HistoryReader.open(history.path())) {
      long samples =
          reader.read(
              name,
              nowSeconds - history.retention().toSeconds(),
              nowSeconds,
              sample -> judgement.accept(sample, List.of()));
      if (samples > 0) {
        log.info("{}: trends go on from {} recorded samples", name, samples);
      }
    } catch (IOException e) {
      log.warn("{}: begins without its past: {}", name, e.getMessage());
      return new Judgement(trend, severities);
    }
    return judgement;
  }
}
