package io.leakwatch.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.Main;
import io.leakwatch.alert.Escalation;
import io.leakwatch.cli.ReplayProgress;
import io.leakwatch.cli.Terminal;
import io.leakwatch.config.Defaults;
import io.leakwatch.harness.CommandOutput;
import io.leakwatch.history.HistoryStore;
import io.leakwatch.sample.Change;
import io.leakwatch.sample.Observation;
import io.leakwatch.sample.ObservedChange;
import io.leakwatch.sample.Sample;
import io.leakwatch.sample.Signal;
import io.leakwatch.verdict.ProcessJudge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code replay} over many files and hostile ones. */
class ReplayCommandTest {
  private static final double GB = 1e9;
  private static final double DAY = 86400;

  @TempDir private Path directory;

  private final CommandOutput output = new CommandOutput();

  @AfterEach
  void leave() {
    output.close();
  }

  private int replay(Object... arguments) {
    return output.execute(List.of("replay"), arguments);
  }

  private List<String> lines() {
    return output.out().lines().toList();
  }

  private String errors() {
    return output.err();
  }

  private List<JsonObject> jsonLines(String name) {
    return lines().stream()
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .filter(line -> line.has(name))
        .toList();
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(directory.resolve(name), text);
  }

  private static String series(int days, double leakPerDay) {
    Random random = new Random(2);
    StringBuilder csv = new StringBuilder("time,rss_anon_bytes,limit_bytes\n");
    for (double time = 0; time < days * DAY; time += 300) {
      double leaked = leakPerDay * Math.max(0, time / DAY - 6);
      long bytes = (long) (8 * GB + leaked + 1e7 * random.nextGaussian());
      csv.append((long) time).append(',').append(bytes).append(",64000000000\n");
    }
    return csv.toString();
  }

  @Test
  void shouldTellFilesInTheirOrderThoughTheyAreReplayedSideBySide() throws IOException {
    List<Object> arguments = new ArrayList<>(List.of("--json"));
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Path file = write(i + ".csv", series(i % 7 == 0 ? 9 : 1, i % 14 == 0 ? GB : 0));
      arguments.add(file);
      names.add(file.toString());
    }
    assertEquals(0, replay(arguments.toArray()), this::errors);
    assertEquals("", errors());
    List<JsonObject> summaries = jsonLines("summary");
    assertEquals(names, summaries.stream().map(line -> line.get("file").getAsString()).toList());
    for (int i = 0; i < 60; i++) {
      assertEquals(i % 14 == 0, summaries.get(i).get("fired").getAsBoolean(), names.get(i));
    }
    String before = "";
    for (JsonObject line : jsonLines("file")) {
      String file = line.get("file").getAsString();
      assertTrue(file.equals(before) || names.remove(file), () -> file + " is told in two places");
      before = file;
    }
  }

  @Test
  void shouldSayHowManyAlarmsAMonthAllFilesMake() throws IOException {
    Path leak = write("leak.csv", series(9, GB));
    Path flat = write("flat.csv", series(21, 0));
    assertEquals(0, replay(leak, flat));
    String last = lines().get(lines().size() - 1);
    assertTrue(last.startsWith("2 files, 30.0 process-days: 1 silent, 1 fired, 1 times"), last);
    // One in 30 days; the exact interval of a count of one is 0.0253 to 5.5716.
    assertTrue(last.contains("1.00 false alarms per month and process (95 %: 0.03 to 5.57)"), last);
    assertTrue(last.contains("2.0 a month for 2 such processes"), last);
    output.reset();
    assertEquals(0, replay("--json", "--total", leak, flat));
    JsonObject total = jsonLines("total").get(0);
    assertEquals(1, total.get("episodes").getAsInt());
    assertEquals(1, total.get("alarms_per_month").getAsDouble(), 0.001);
    assertFalse(total.has("file"));
    assertEquals(2, jsonLines("summary").size());
  }

  @Test
  void shouldNameWhatItCannotUseInALineEachAndGoOn() throws IOException {
    Path good = write("good.csv", series(1, 0));
    Path empty = write("empty.csv", "");
    Path headless = write("headless.csv", "1,2\n2,3\n");
    Path other = write("other.csv", "time,mood\n1,2\n");
    Path cut = write("cut.csv.gz", "\u001f\u008b\b");
    Path evil = write("evil\u001b[2J\n.csv", "time,load\nx,1\ny,2\n");
    Path missing = directory.resolve("missing.csv");
    assertEquals(1, replay("--json", directory, missing, empty, headless, other, cut, evil, good));
    List<String> told = errors().lines().toList();
    assertEquals(7, told.size(), this::errors);
    List<String> whats =
        List.of(
            "is a directory",
            "missing.csv: no such file",
            "empty.csv:1: is empty",
            "headless.csv:1: the header has no column `time`",
            "other.csv:1: the header has no column that can be judged",
            "cut.csv.gz:1:",
            "evil?[2J?.csv:2: no valid time (and 1 more)");
    for (int i = 0; i < whats.size(); i++) {
      assertTrue(told.get(i).startsWith("leakwatch: ") && told.get(i).contains(whats.get(i)));
    }
    List<JsonObject> summaries = jsonLines("summary");
    JsonObject last = summaries.get(summaries.size() - 1);
    assertEquals(good.toString(), last.get("file").getAsString());
    assertEquals(288, last.get("samples").getAsInt());
    assertFalse(last.get("fired").getAsBoolean());
  }

  @Test
  void shouldDrawAndSayWhereItCannot() throws IOException {
    Path leak = write("leak.csv", series(9, GB));
    Path picture = directory.resolve("leak.svg");
    assertEquals(0, replay("--plot", picture, leak));
    assertTrue(Files.readString(picture).endsWith("</svg>\n"));
    assertEquals(1, replay("--plot", directory.resolve("none/leak.svg"), leak));
    assertTrue(errors().contains("none/leak.svg: cannot be written"), this::errors);
    assertEquals(1, errors().lines().count(), this::errors);
    assertEquals(2, replay("--plot", picture, leak, leak));
  }

  @Test
  void shouldNameTheBuildThatBroughtTheLeak() throws IOException {
    String[] rows = series(9, GB).split("\n", -1);
    StringBuilder csv = new StringBuilder("build,incarnation," + rows[0] + "\n");
    for (int i = 1; i < rows.length - 1; i++) {
      double time = 300 * (i - 1);
      String build = time < 6 * DAY - 600 ? "91bc22d0" : "3f2a1b2c";
      // Not every row knows it, and the executable is replaced without a restart that is told.
      csv.append(i % 3 == 0 ? "" : build).append(",,").append(rows[i]).append('\n');
    }
    Path leak = write("leak.csv", csv.toString());
    assertEquals(0, replay(leak), this::errors);
    String told = lines().stream().filter(line -> line.contains("warning")).findFirst().orElse("");
    assertTrue(
        told.matches(
            ".*; began about second 5\\d{5} \\(±[0-9.]+ \\S+\\), .* build 3f2a1b2c replaced 91bc22d0"
                + " \\(second 51\\d{4}\\), which had run 6 days without growth;.*"),
        told);
    output.reset();
    assertEquals(0, replay("--json", leak), this::errors);
    JsonObject change =
        jsonLines("changes").stream()
            .filter(line -> line.get("severity").getAsString().equals("warning"))
            .findFirst()
            .orElseThrow()
            .getAsJsonArray("changes")
            .get(0)
            .getAsJsonObject();
    assertEquals("build", change.get("kind").getAsString());
    assertEquals(6 * DAY, change.get("time").getAsDouble(), 900);
    assertEquals(
        "build 3f2a1b2c replaced 91bc22d0, which had run 6 days without growth",
        change.get("text").getAsString());
    for (JsonObject line : jsonLines("changes")) {
      boolean grows = !line.get("severity").getAsString().equals("none");
      assertTrue(grows || line.getAsJsonArray("changes").isEmpty(), line::toString);
    }
  }

  /** What the daemon judged while it recorded is what its recording is judged to be. */
  @Test
  void shouldJudgeARecordingAsTheDaemonDid() throws IOException {
    Path configuration =
        write(
            "leakwatch.conf",
            "leakwatch.history.path = \"" + directory.resolve("history.db") + "\"\n");
    double begin = Math.floor(System.currentTimeMillis() / 1e3) - 10 * DAY;
    Random random = new Random(4);
    Path csv = directory.resolve("mds.csv");
    List<String> live = new ArrayList<>();
    Replay daemon =
        new Replay(
            new ProcessJudge(Defaults.TREND),
            new Escalation(Defaults.SEVERITY),
            change -> live.add(ReplayReport.changeJson(csv.toString(), change)));
    try (HistoryStore store = new HistoryStore(Defaults.history(directory.resolve("history.db")))) {
      for (double t = 0; t < 10 * DAY; t += 300) {
        double leaked = GB * Math.max(0, t / DAY - 6);
        Sample sample =
            Sample.at(begin + t, t < DAY ? "boot/1/1" : "boot/2/2")
                .set(Signal.RSS_ANON_BYTES, (long) (8 * GB + leaked + 1e7 * random.nextGaussian()))
                .set(Signal.IN_USE_BYTES, (long) (7 * GB + leaked + 1e6 * random.nextGaussian()))
                .set(Signal.ARENA_COUNT, 27 + Math.floor(leaked / 1e8))
                .set(Signal.LIMIT_BYTES, 64 * GB)
                .set(Signal.SIBLING_DAYS, Math.floor(2 * t / DAY))
                .set(Signal.STATED_BYTES, 9 * GB)
                .build();
        List<ObservedChange> changes = new ArrayList<>();
        if (t == 0 || t == 6 * DAY) {
          Change build =
              new Change(
                  begin + t, Change.Kind.BUILD, t == 0 ? "91bc" : "3f2a", t == 0 ? null : "91bc");
          changes.add(new ObservedChange("mds", build, build.what()));
          daemon.changed(build);
        }
        daemon.accept(sample);
        store.appendAll(
            begin + t, new ArrayList<>(List.of(new Observation("mds", sample))), changes);
      }
    }
    assertEquals(
        0,
        Main.execute(
            "history", "mds", "--csv", "--since", "30d", "--config.file", configuration.toString()),
        this::errors);
    Files.writeString(csv, output.out());
    output.reset();
    assertEquals(0, replay("--json", "--config.file", configuration, csv), this::errors);
    assertTrue(daemon.summary().fired());
    assertTrue(live.toString().contains("build 3f2a replaced 91bc"), live::toString);
    live.add(ReplayReport.summaryJson(csv.toString(), daemon.summary()));
    assertEquals(live, lines());
  }

  @Test
  void shouldSayHowFarItIs() {
    ReplayProgress progress = new ReplayProgress(Terminal.ofThisProcess(), 200, 1000);
    assertEquals(
        "[============>           ]   50 %  90 of 200 files, 9 files/s, 500 k samples/s, 0:10 left",
        progress.line(90, 500, 5_000_000, 10));
    assertTrue(progress.line(0, 0, 0, 0).endsWith("? left"));
    assertTrue(progress.line(200, 2000, 1, 7300).contains("]  100 %  200 of 200"));
  }
}
