package io.leakwatch.sampling.judgement;

import io.leakwatch.alert.SeveritySettings;
import io.leakwatch.history.HistoryReader;
import io.leakwatch.history.HistorySettings;
import io.leakwatch.time.Workers;
import io.leakwatch.trend.TrendSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The judgement of every instance, kept while its process is restarted and brought back from the
 * history when the agent is. To judge a month of samples again takes a fraction of a second for
 * each instance, so a thread of its own does it, one after the other, and the sampler goes on
 * meanwhile. Of instances whose process has ended a bounded number is kept, the latest ones; what
 * is dropped comes back from the history when it is wanted.
 */
public final class Judgements implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Judgements.class);

  private final HistorySettings history;
  private final TrendSettings trend;
  private final SeveritySettings severities;
  private final Map<String, InstanceJudgement> ended;
  private final Function<String, Optional<Instant>> clearedAt;
  private final Workers.Queue queue;

  /**
   * @param endedMax instances without a process that are kept
   * @param clearedAt when the last alert of an instance was cleared, empty where it was not
   */
  public Judgements(
      HistorySettings history,
      TrendSettings trend,
      SeveritySettings severities,
      int endedMax,
      Function<String, Optional<Instant>> clearedAt,
      Workers workers) {
    this.history = history;
    this.trend = trend;
    this.severities = severities;
    this.clearedAt = clearedAt;
    this.ended =
        new LinkedHashMap<>() {
          @Override
          protected boolean removeEldestEntry(Map.Entry<String, InstanceJudgement> eldest) {
            return size() > endedMax;
          }
        };
    this.queue = workers.queue("past", 1, Integer.MAX_VALUE);
  }

  /** Takes the judgement of an instance whose process was found. */
  public InstanceJudgement take(String name, double nowSeconds) {
    InstanceJudgement kept = ended.remove(name);
    if (kept != null) {
      return kept;
    }
    InstanceJudgement fresh = new InstanceJudgement(new Judgement(trend, severities));
    if (Files.exists(history.path())) {
      fresh.awaitPast();
      queue.offer(() -> fresh.remember(past(name, nowSeconds)));
    }
    return fresh;
  }

  /**
   * Judges an instance anew from all that is recorded of it by now, because its past has become
   * longer.
   *
   * @param judgement one that is known
   */
  public void again(String name, InstanceJudgement judgement, double nowSeconds) {
    judgement.awaitPast();
    queue.offer(() -> judgement.remember(past(name, nowSeconds)));
  }

  /** Keeps the judgement of an instance whose process has ended. */
  public void keep(String name, InstanceJudgement judgement) {
    ended.remove(name); // So that it becomes the latest.
    ended.put(name, judgement);
  }

  private Judgement past(String name, double nowSeconds) {
    Judgement judgement = new Judgement(trend, severities);
    try (HistoryReader reader = HistoryReader.open(history.path())) {
      reader.changes(name).forEach(judgement::changed);
      long samples =
          reader.read(
              name,
              nowSeconds - history.retention().toSeconds(),
              nowSeconds,
              sample -> judgement.accept(sample, List.of()));
      clearedAt.apply(name).ifPresent(judgement::clearedAt);
      if (samples > 0) {
        log.info("{}: trends continue from {} recorded samples", name, samples);
      }
      return judgement;
    } catch (IOException e) {
      log.warn("{}: starts without its history: {}", name, e.getMessage());
    } catch (RuntimeException e) { // What is recorded of one must not end the past of the others.
      log.warn("{}: starts without its history: internal error", name, e);
    }
    return new Judgement(trend, severities);
  }

  @Override
  public void close() {
    queue.close();
  }
}
