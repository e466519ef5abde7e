package io.leakwatch.evaluation;

import static org.junit.jupiter.api.Assertions.assertFalse;

import io.leakwatch.evaluation.families.RealSeries;
import io.leakwatch.evaluation.population.HeldOut;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Protocol 2 as a whole: {@code mvn -Pbenchmark-detection verify} writes {@code
 * target/detection/protocol2.txt}. The seeds from 100,000 are drawn for reports only, and so are
 * all shapes of {@link HeldOut}.
 *
 * <p>{@code main} writes what the detector of this tree tells on all of it, the resource that
 * {@link Recorded} reads. That is done once a release.
 */
@Tag("detection")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class Protocol2Benchmark {
  private static final Path OUT = Path.of("target/detection/protocol2.txt");
  private static final List<String[]> SETS =
      List.of(
          new String[] {"seeds=0:15"},
          new String[] {"seeds=100000:15"},
          new String[] {"seeds=100000:15", "heldout=true"});

  private static Protocol2.Settings settings(String[] set, String... more) {
    String[] all = new String[set.length + more.length];
    System.arraycopy(set, 0, all, 0, set.length);
    System.arraycopy(more, 0, all, set.length, more.length);
    return Protocol2.Settings.of(all);
  }

  @Test
  void measuresByProtocol2() throws IOException, InterruptedException {
    Files.createDirectories(OUT.getParent());
    StringBuilder report = new StringBuilder();
    for (String inUse : List.of("inuse=false", "inuse=true")) {
      for (String[] set : SETS) {
        add(report, settings(set, inUse));
      }
    }
    for (String peer : List.of("predict", "mk24", "mk72")) {
      add(report, settings(SETS.get(1), "detector=" + peer));
    }
    add(report, settings(SETS.get(1), "step=60", "only=benign"));
    real(report);
    assertFalse(report.isEmpty());
  }

  private static void add(StringBuilder report, Protocol2.Settings settings)
      throws IOException, InterruptedException {
    report.append(Protocol2.report(settings, Protocol2.run(settings))).append("\n\n");
    Files.writeString(OUT, report);
  }

  private static void real(StringBuilder report) throws IOException {
    if (RealSeries.present()) {
      for (RealReport.Half half : RealReport.Half.values()) {
        List<Score> scores = RealReport.run(half, Contestant.Shipped::new);
        report
            .append(RealReport.text(half, scores, Recorded.release().of(scores, false)))
            .append('\n');
      }
      report.append(RealReport.leaks(Contestant.Shipped::new));
    } else {
      report.append("Real series: skipped, they are not there.\n");
    }
    Files.writeString(OUT, report);
  }

  public static void main(String... arguments) throws IOException, InterruptedException {
    try (Recorded.Recorder recorder = new Recorded.Recorder(Path.of(arguments[0]))) {
      for (String[] set : SETS) {
        for (boolean inUse : new boolean[] {false, true}) {
          recorder.write(Protocol2.run(settings(set, "inuse=" + inUse)), inUse);
        }
      }
      for (RealReport.Half half : RealReport.Half.values()) {
        recorder.write(RealReport.run(half, Contestant.Shipped::new), false);
      }
    }
  }
}
