package io.leakwatch.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.alert.Escalation;
import io.leakwatch.config.Defaults;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.verdict.ProcessJudge;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ReplayReportTest {
  private final List<Replay.Change> changes = new ArrayList<>();
  private final ReplayPlot plot = new ReplayPlot("<mds> & \"friends\"");
  private final Replay replay =
      new Replay(
          new ProcessJudge(Defaults.TREND),
          new Escalation(Defaults.SEVERITY),
          change -> {
            changes.add(change);
            plot.change(change);
          });

  private void play(double bytesPerDay) {
    Random random = new Random(1);
    for (double t = 0; t < 10 * 86400; t += 300) {
      Sample sample =
          Sample.at(t, "")
              .set(
                  Signal.RSS_ANON_BYTES,
                  8e9 + 1e7 * random.nextGaussian() + bytesPerDay * Math.max(0, t / 86400 - 6))
              .set(Signal.LIMIT_BYTES, 16e9)
              .build();
      replay.accept(sample);
      plot.sample(sample);
    }
  }

  @Test
  void shouldTellEachChangeAndSumUp() {
    play(1e9);
    JsonObject last =
        JsonParser.parseString(ReplayReport.changeJson("a.csv", changes.get(changes.size() - 1)))
            .getAsJsonObject();
    assertEquals("leak", last.get("verdict").getAsString());
    assertEquals("warning", last.get("severity").getAsString());
    assertTrue(last.get("growth_bytes_per_day").getAsDouble() > 0.5e9);
    assertTrue(last.get("exhaustion_seconds").getAsDouble() > 86400);
    JsonObject summary =
        JsonParser.parseString(ReplayReport.summaryJson("a.csv", replay.summary()))
            .getAsJsonObject();
    assertTrue(summary.get("fired").getAsBoolean());
    assertEquals(6.5, summary.get("first_fired").getAsDouble() / 86400, 0.5);
    assertEquals("leak", summary.get("final_verdict").getAsString());
    assertEquals(2880, summary.get("samples").getAsLong());
  }

  @Test
  void shouldWriteNoNumberWhereThereIsNone() {
    play(0);
    String summary = ReplayReport.summaryJson("b.csv", replay.summary());
    assertTrue(summary.contains("\"fired\":false,\"first_fired\":null"), summary);
    assertFalse(ReplayReport.changeJson("b.csv", changes.get(0)).contains("Infinity"));
    assertTrue(ReplayReport.summaryText("b.csv", replay.summary()).contains("silent"));
  }

  @Test
  void shouldDrawWellFormedPictures() throws Exception {
    play(1e9);
    DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(plot.svg())));
    assertTrue(plot.svg().length() < 200_000);
    assertTrue(new ReplayPlot("empty").svg().endsWith("</svg>\n"));
  }
}
