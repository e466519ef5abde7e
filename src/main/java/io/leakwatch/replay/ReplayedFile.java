package io.leakwatch.replay;

import io.leakwatch.alert.Escalation;
import io.leakwatch.config.Configuration;
import io.leakwatch.history.csv.CsvSeries;
import io.leakwatch.program.GivenFile;
import io.leakwatch.verdict.ProcessJudge;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One file that is replayed on a thread of its own while another is reported. What it has to say
 * waits in a queue of bounded room, and the thread waits when that is full, so a file of any length
 * takes the same memory.
 */
public final class ReplayedFile implements Runnable {
  private static final int QUEUED_MAX = 1024;

  private final Path file;
  private final Configuration configuration;
  private final boolean json;
  private final @Nullable ReplayPlot plot;
  private final Meter meter;
  private final BlockingQueue<Message> queue = new ArrayBlockingQueue<>(QUEUED_MAX);

  /** What has been read of all files together. */
  public record Meter(LongAdder bytes, LongAdder samples) {}

  /** What a file has to say. */
  public sealed interface Message {}

  /** A line of the results. */
  public record Line(String text) implements Message {}

  /** A line for standard error. */
  public record Problem(String text) implements Message {}

  /** Nothing more comes. {@code whole} is false where not all of the file could be used. */
  public record End(Replay.@Nullable Summary summary, boolean whole) implements Message {}

  public ReplayedFile(
      Path file,
      Configuration configuration,
      boolean json,
      @Nullable ReplayPlot plot,
      Meter meter) {
    this.file = file;
    this.configuration = configuration;
    this.json = json;
    this.plot = plot;
    this.meter = meter;
  }

  /** The next message; null when none came within the time. */
  public @Nullable Message poll(long millis) throws InterruptedException {
    return queue.poll(millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void run() {
    End end = new End(null, false);
    try {
      end = replay();
    } finally {
      say(end);
    }
  }

  private End replay() {
    String name = file.toString();
    Replay replay =
        new Replay(
            new ProcessJudge(configuration.trend()),
            new Escalation(configuration.severity()),
            change -> {
              say(
                  new Line(
                      json
                          ? ReplayReport.changeJson(name, change)
                          : ReplayReport.changeText(name, change)));
              if (plot != null) {
                plot.change(change);
              }
            });
    CsvSeries.Report report;
    try (InputStream in = counted(GivenFile.open(file))) {
      report =
          CsvSeries.read(
              name,
              in,
              sample -> {
                replay.accept(sample);
                meter.samples().increment();
                if (plot != null) {
                  plot.sample(sample);
                }
              },
              replay::changed);
    } catch (IOException e) {
      say(new Problem(name + ": " + e.getMessage()));
      return new End(null, false);
    }
    report.problems().forEach(problem -> say(new Problem(problem)));
    Replay.Summary summary = replay.summary();
    say(
        new Line(
            json
                ? ReplayReport.summaryJson(name, summary)
                : ReplayReport.summaryText(name, summary)));
    if (plot != null) {
      replay.newest().ifPresent(plot::end);
    }
    return new End(summary, report.whole());
  }

  private InputStream counted(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        int value = super.read();
        meter.bytes().add(value < 0 ? 0 : 1);
        return value;
      }

      @Override
      public int read(byte[] bytes, int from, int length) throws IOException {
        int count = super.read(bytes, from, length);
        meter.bytes().add(Math.max(0, count));
        return count;
      }
    };
  }

  private void say(Message message) {
    try {
      queue.put(message);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("the reader is gone");
    }
  }
}
