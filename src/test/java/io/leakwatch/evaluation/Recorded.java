package io.leakwatch.evaluation;

import io.leakwatch.evaluation.population.Plan;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * What an earlier release told on each series, one a line: whether in-use bytes were given, the
 * series' name and sum, changes of the word, hours to the first message, to danger, leak and held,
 * lead, way, delays by life, alarms. What is empty did not happen.
 *
 * <p>A series that is drawn otherwise by now has another sum and is left out.
 */
final class Recorded {
  static final String RELEASE = "0.1.0";
  private static final String RESOURCE = "/evaluation/protocol2-" + RELEASE + ".csv.gz";

  /** A life without a message. */
  private static final String NEVER = "x";

  private final Map<String, String[]> lines = new HashMap<>();

  private Recorded() {}

  /** The release that this one is compared with; empty where nothing was recorded. */
  static Recorded release() {
    Recorded recorded = new Recorded();
    try (InputStream in = Recorded.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        return recorded;
      }
      BufferedReader reader =
          new BufferedReader(
              new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        String[] cells = line.split(",", -1);
        recorded.lines.put(cells[0] + cells[1], cells);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return recorded;
  }

  /** The recorded scores of the same series, in the same order. */
  List<Score> of(List<Score> scores, boolean inUse) {
    List<Score> found = new ArrayList<>();
    for (Score score : scores) {
      String[] cells = lines.get(word(inUse) + score.id());
      if (cells != null && cells[2].equals(sum(score))) {
        found.add(read(cells, score));
      }
    }
    return found;
  }

  private static String word(boolean inUse) {
    return inUse ? "used" : "rss";
  }

  private static String sum(Score score) {
    return String.format(Locale.ROOT, "%04x", score.checksum() & 0xFFFF);
  }

  /** A file that is written line by line. */
  static final class Recorder implements AutoCloseable {
    private final Writer out;

    Recorder(Path file) throws IOException {
      out =
          new OutputStreamWriter(
              new GZIPOutputStream(Files.newOutputStream(file)), StandardCharsets.UTF_8);
    }

    void write(List<Score> scores, boolean inUse) throws IOException {
      for (Score s : scores) {
        StringBuilder alarms = new StringBuilder();
        for (Score.Alarm alarm : s.alarms()) {
          alarms
              .append(alarms.length() > 0 ? ";" : "")
              .append(
                  String.format(
                      Locale.ROOT,
                      "%d:%d:%d:%d:%.0f:%s",
                      alarm.message().ordinal(),
                      alarm.first() ? 1 : 0,
                      alarm.excused() ? 1 : 0,
                      alarm.known() ? 1 : 0,
                      alarm.watchSeconds(),
                      Double.isNaN(alarm.ageSeconds())
                          ? ""
                          : String.format(Locale.ROOT, "%.0f", alarm.ageSeconds())));
        }
        StringBuilder lives = new StringBuilder();
        if (s.group() == Plan.Group.EVERY) {
          for (double life : s.lives()) {
            lives
                .append(lives.length() > 0 ? ";" : "")
                .append(Double.isFinite(life) ? cell(life) : NEVER);
          }
        }
        out.write(
            String.join(
                    ",",
                    word(inUse),
                    s.id(),
                    sum(s),
                    String.valueOf(s.changes()),
                    cell(s.firstHours()),
                    cell(s.dangerHours()),
                    cell(s.leakHours()),
                    cell(s.heldHours()),
                    cell(s.leadHours()),
                    cell(s.way()),
                    lives,
                    alarms)
                + "\n");
      }
    }

    @Override
    public void close() throws IOException {
      out.close();
    }

    private static String cell(double value) {
      return Double.isFinite(value) ? String.format(Locale.ROOT, "%.3f", value) : "";
    }
  }

  private static Score read(String[] cells, Score like) {
    double[] numbers = new double[6];
    for (int k = 0; k < numbers.length; k++) {
      String cell = cells[4 + k];
      numbers[k] =
          !cell.isEmpty()
              ? Double.parseDouble(cell)
              : k == 5 ? Double.NaN : Double.POSITIVE_INFINITY;
    }
    return new Score(
        like.id(),
        like.group(),
        like.band(),
        like.rate(),
        like.mode(),
        like.traits(),
        like.shape(),
        like.checksum(),
        cells[11].isEmpty()
            ? List.of()
            : Arrays.stream(cells[11].split(";", -1)).map(Recorded::alarm).toList(),
        like.daysByAge(),
        like.daysByWatch(),
        like.knownDays(),
        Integer.parseInt(cells[3]),
        numbers[0],
        numbers[1],
        numbers[2],
        numbers[3],
        like.limitHours(),
        numbers[4],
        numbers[5],
        cells[10].isEmpty()
            ? new double[0]
            : Arrays.stream(cells[10].split(";", -1))
                .mapToDouble(
                    life ->
                        life.equals(NEVER) ? Double.POSITIVE_INFINITY : Double.parseDouble(life))
                .toArray(),
        List.of(),
        "");
  }

  private static Score.Alarm alarm(String text) {
    String[] parts = text.split(":", -1);
    return new Score.Alarm(
        Score.Message.values()[Integer.parseInt(parts[0])],
        parts[1].equals("1"),
        parts[2].equals("1"),
        Double.parseDouble(parts[4]),
        parts[5].isEmpty() ? Double.NaN : Double.parseDouble(parts[5]),
        parts[3].equals("1"),
        "");
  }
}
