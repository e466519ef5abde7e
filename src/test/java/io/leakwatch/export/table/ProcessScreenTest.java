package io.leakwatch.export.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.alert.Severity;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Snapshot;
import io.leakwatch.export.Views;
import io.leakwatch.export.text.ShortQuantity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The live view as a function of what is known and of the terminal's size. */
class ProcessScreenTest {
  private static final Instant NOW = Views.NOON.plusSeconds(12);
  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");
  private static final double GIB = 1L << 30;
  private static final double DAY = 86_400;

  private static final ProcessRow MDS =
      row("mds", 4711, "leak", Severity.CRITICAL, 3 * GIB / DAY, 27 * 3600);
  private static final ProcessRow STORE =
      row("chunkserver-8200", 12, "pinned", Severity.WARNING, 0, Double.NaN);
  private static final ProcessRow CLOSE =
      row("chunkserver-8201", 13, "leak", Severity.WARNING, GIB / DAY, 3600);
  private static final ProcessRow ETCD = row("etcd", 99, "steady", Severity.NONE, 1, Double.NaN);
  private static final List<ProcessRow> NODE = List.of(ETCD, STORE, MDS, CLOSE);

  private static ProcessRow row(
      String name, int pid, String verdict, Severity severity, double growth, double seconds) {
    List<ProcessView.Point> recent =
        IntStream.range(0, 60)
            .mapToObj(i -> new ProcessView.Point(Views.NOON.minusSeconds(7200 - i * 120L), i * GIB))
            .toList();
    return new ProcessRow(
        name,
        pid,
        "/usr/bin/" + name + " -conf=/etc/curve",
        new ProcessRow.Reading(true, "", Views.NOON),
        new ProcessRow.Assessment(
            verdict,
            0.93,
            List.of(
                "in use grows without bound, by 3.0 GiB a day for 2 days, in each of the last 41"
                    + " hours",
                "the load is flat"),
            severity,
            growth,
            List.of(new ProcessRow.Limit("MemAvailable of the node", seconds))),
        new ProcessRow.Memory(
            9.87 * GIB, 9.5 * GIB, 9 * GIB, GIB / 10, GIB / 100, 33, MemoryShares.UNKNOWN),
        recent);
  }

  private static ProcessRow named(String name) {
    return row(name, 1, name, Severity.NONE, 1, Double.NaN);
  }

  private static ProcessScreen.State state(List<ProcessRow> rows, int chosen, boolean open) {
    return new ProcessScreen.State(
        "storage-7",
        "the agent at 127.0.0.1:9870",
        "",
        new ProcessList(Views.NOON, rows),
        ProcessOrder.SEVERITY,
        chosen,
        open ? ProcessScreen.Detail.OPEN : ProcessScreen.Detail.CLOSED);
  }

  private static List<String> plain(ProcessScreen.State state, int width, int height) {
    return ProcessScreen.lines(state, NOW, width, height, false);
  }

  private static int indexOf(List<String> lines, String part) {
    return IntStream.range(0, lines.size())
        .filter(i -> lines.get(i).contains(part))
        .findFirst()
        .orElseThrow(() -> new AssertionError(part + " is not in\n" + String.join("\n", lines)));
  }

  @Test
  void aWideTerminalShouldShowEverything() {
    List<String> lines = plain(state(List.of(MDS), 0, false), 132, 12);
    assertEquals("leakwatch on storage-7: 1 process, 1 critical", lines.get(0));
    assertEquals("the agent at 127.0.0.1:9870, 12s ago", lines.get(1));
    assertEquals(
        "  NAME             PID VERDICT SEVERITY    RSS   ANON IN-USE   FREE PINNED ARENAS GROWTH/DAY"
            + " LIMIT-IN  AGE LAST-118m",
        lines.get(2));
    assertEquals(
        "> mds             4711 leak    critical   9.9G   9.5G     9G   102M  10.2M     33        +3G"
            + "      27h  12s ▁▁▁▂▂▂▃▃▃▄▄▄▅▅▅▆▆▆▇▇▇███",
        lines.get(3));
    assertTrue(lines.get(4).startsWith("── mds (pid 4711) ──"), lines.get(4));
    assertEquals("  leak (confidence 93 %)", lines.get(5));
    assertEquals("  - the load is flat", lines.get(7));
    assertEquals("  - reaches MemAvailable of the node in 27 h", lines.get(8));
    assertEquals(12, lines.size());
    assertTrue(lines.get(11).contains("q quit"), lines.get(11));
  }

  @Test
  void theMostSevereShouldComeFirstAndOfThoseTheOneThatMeetsItsLimitFirst() {
    assertEquals(
        List.of(MDS, CLOSE, STORE, ETCD), state(NODE, 0, false).rows(), "whatever came first");
    List<String> lines = plain(state(NODE, 0, false), 100, 24);
    assertTrue(indexOf(lines, "> mds") < indexOf(lines, "  chunkserver-8201"));
    assertTrue(indexOf(lines, "chunkserver-8201") < indexOf(lines, "chunkserver-8200"));
    assertTrue(lines.get(0).contains("4 processes, 1 critical, 2 warning"), lines.get(0));
  }

  @ParameterizedTest
  @CsvSource({
    "GROWTH, mds chunkserver-8201 etcd chunkserver-8200",
    "NAME, chunkserver-8200 chunkserver-8201 etcd mds",
    "RESIDENT, chunkserver-8200 chunkserver-8201 etcd mds"
  })
  void otherOrdersShouldBeThere(ProcessOrder order, String names) {
    List<ProcessRow> sorted = new ArrayList<>(NODE);
    sorted.sort(order.comparator());
    assertEquals(List.of(names.split(" ", -1)), sorted.stream().map(ProcessRow::name).toList());
  }

  @Test
  void narrowTerminalsShouldKeepWhatTellsALeak() {
    List<String> lines = plain(state(NODE, 0, false), 44, 24);
    assertEquals("  NAME           VERDICT GROWTH/DAY LIMIT-IN", lines.get(2));
    assertEquals("> mds            leak           +3G      27h", lines.get(3));
    assertEquals("  chunkse…r-8201 leak           +1G      60m", lines.get(4));
  }

  @Test
  void noLineShouldEverBeWiderThanTheTerminalNorThereBeMoreThanItHas() {
    List<ProcessRow> hostile = new ArrayList<>(NODE);
    hostile.add(named("x".repeat(5_000)));
    hostile.add(named("\u05d0\u05d1\u05d2 \u4e2d\u6587 \ud83d\ude00 e\u0301\u0301"));
    for (int width = 1; width <= 200; width++) {
      for (int height : new int[] {1, 2, 3, 5, 8, 24, 60}) {
        for (boolean open : new boolean[] {false, true}) {
          ProcessScreen.State state = state(hostile, width % hostile.size(), open);
          List<String> lines = ProcessScreen.lines(state, NOW, width, height, true);
          assertTrue(lines.size() <= height, () -> lines.size() + " lines of " + height);
          for (String line : lines) {
            String text = COLOUR.matcher(line).replaceAll("");
            assertTrue(text.length() <= width, text.length() + " > " + width + ": " + text);
            assertFalse(text.contains("\u001b"), text);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u001b[2J\u001b]0;pwned\u0007",
        "\u009b31m",
        "a\r\nb\tc\u0008",
        "\u202eevil\u2066",
        "\u05d0\u05d1 \u0627\u0644",
        "\u4e2d\u6587\ud83d\ude00\ud800",
        "e\u0301\u200b\ufeff",
        "\u2028\u2029\u0000\u007f\uffff"
      })
  void namesShouldNotTouchTheTerminal(String name) {
    ProcessRow evil =
        new ProcessRow(
            name,
            1,
            name,
            new ProcessRow.Reading(false, name, Views.NOON),
            new ProcessRow.Assessment(
                name, 0.5, List.of(name), Severity.NONE, 1, List.of(new ProcessRow.Limit(name, 5))),
            new ProcessRow.Memory(1, 1, 1, 1, 1, 1, MemoryShares.UNKNOWN),
            List.of());
    ProcessScreen.State state =
        new ProcessScreen.State(
            name,
            name,
            name,
            new ProcessList(Views.NOON, List.of(evil)),
            ProcessOrder.NAME,
            0,
            ProcessScreen.Detail.OPEN);
    Pattern harmless = Pattern.compile("[ -~→↑↓─…▁-█]*");
    for (String line : ProcessScreen.lines(state, NOW, 80, 24, true)) {
      String text = COLOUR.matcher(line).replaceAll("");
      assertTrue(harmless.matcher(text).matches(), text);
    }
  }

  @Test
  void theChosenProcessShouldBeSeenHoweverManyThereAre() {
    List<ProcessRow> many =
        IntStream.range(0, 200).mapToObj("store-%03d"::formatted).map(s -> named(s)).toList();
    for (int chosen : new int[] {0, 1, 99, 198, 199}) {
      List<String> lines = plain(state(many, chosen, false), 80, 24);
      assertTrue(lines.get(indexOf(lines, "> store")).contains("store-%03d".formatted(chosen)));
    }
    assertTrue(
        plain(state(many, 7_000, false), 80, 24).stream().anyMatch(s -> s.contains("> store-199")),
        "a choice beyond the last is the last");
  }

  @Test
  void reasonsShouldBeOneLineEachAndWhereTheyAreOpenedBeWhole() {
    List<String> cut = plain(state(NODE, 0, false), 60, 24);
    assertEquals(
        "  - in use grows without bound, by 3.0 GiB a day for 2 days…",
        cut.get(indexOf(cut, "in use grows")));
    List<String> open = plain(state(NODE, 0, true), 60, 24);
    int at = indexOf(open, "in use grows");
    assertEquals("  - in use grows without bound, by 3.0 GiB a day for 2 days,", open.get(at));
    assertEquals("    in each of the last 41 hours", open.get(at + 1));
    assertEquals("  /usr/bin/mds -conf=/etc/curve", open.get(indexOf(open, "-conf")));
    List<String> low = plain(state(NODE, 0, true), 60, 9);
    assertEquals(1, low.stream().filter(line -> line.contains("leak  ")).count(), low::toString);
    assertTrue(low.get(7).contains("more lines"), low::toString);
  }

  @Test
  void aProcessThatMayNotBeReadShouldSayWhatIsMissing() {
    ProcessList denied = ProcessList.of(new Snapshot(Views.NOON, List.of(Views.denied("secret"))));
    List<String> lines = plain(state(denied.rows(), 0, false), 80, 12);
    assertTrue(
        lines.get(3).startsWith("> secret            99 denied  -             -"), lines.get(3));
    assertEquals("  /proc/99/smaps needs CAP_SYS_PTRACE", lines.get(5));
  }

  @Test
  void anAgentThatNoLongerAnswersShouldBeToldWithTheAgeOfWhatIsShown() {
    ProcessScreen.State state =
        new ProcessScreen.State(
            "n",
            "the agent",
            "no agent answers at 127.0.0.1:9870: Connection refused",
            new ProcessList(Views.NOON, NODE),
            ProcessOrder.SEVERITY,
            0,
            ProcessScreen.Detail.CLOSED);
    List<String> lines = plain(state, 100, 24);
    assertEquals(
        "no agent answers at 127.0.0.1:9870: Connection refused; this is from 12s ago",
        lines.get(1));
    assertTrue(lines.get(3).startsWith("> mds"), "what was known stays");
    List<String> nothing = plain(state(List.of(), 0, false), 80, 24);
    assertTrue(nothing.get(3).contains("no process matches the targets"), nothing::toString);
  }

  @Test
  void colourShouldTellTheSameOrNothing() {
    List<String> coloured = ProcessScreen.lines(state(NODE, 1, false), NOW, 120, 24, true);
    assertTrue(coloured.get(3).contains("\u001b[31;1m leak"), coloured.get(3));
    assertTrue(coloured.get(4).contains("\u001b[7;33;1m warning"), coloured.get(4));
    List<String> stripped =
        coloured.stream().map(line -> COLOUR.matcher(line).replaceAll("")).toList();
    assertEquals(plain(state(NODE, 1, false), 120, 24), stripped);
  }

  @Test
  void theTableForScriptsShouldHaveAWordInEachCellAndWholeNames() {
    String longName = "n".repeat(90);
    String table =
        ProcessTable.plain(
            new ProcessList(Views.NOON, List.of(ETCD, MDS, named(longName), named(""))), NOW);
    List<List<String>> words =
        table.lines().map(line -> List.of(line.strip().split(" +", -1))).toList();
    assertTrue(words.stream().allMatch(line -> line.size() == 13), table);
    assertEquals("mds", words.get(1).get(0), "the most severe one first");
    assertEquals(List.of("+3G", "27h", "12s"), words.get(1).subList(10, 13));
    assertTrue(words.stream().anyMatch(line -> line.get(0).equals(longName)), table);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "512, 512B",
    "1023, 1023B",
    "1048576, 1M",
    "10522669875, 9.8G",
    "-5368709120, -5G",
    "1099511627776, 1T",
    "NaN, -",
    "Infinity, -"
  })
  void sizesShouldBeShort(double bytes, String text) {
    assertEquals(text, ShortQuantity.size(bytes));
    assertTrue(text.length() <= 6);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "119, 119s",
    "120, 2m",
    "7200, 2h",
    "183600, 2.1d",
    "864000, 10d",
    "1e11, >2y",
    "NaN, -"
  })
  void timesShouldBeShort(double seconds, String text) {
    assertEquals(text, ShortQuantity.time(seconds));
  }

  @Test
  void curvesShouldStandOnTheSameTimeAndFlatOnesBeFlat() {
    Instant from = Views.NOON;
    List<ProcessView.Point> young =
        List.of(
            new ProcessView.Point(from.plusSeconds(50), 1e9),
            new ProcessView.Point(from.plusSeconds(100), 2e9));
    assertEquals("     ▁▁▁▁█", Sparkline.of(young, from, from.plusSeconds(100), 10));
    List<ProcessView.Point> flat =
        IntStream.rangeClosed(0, 10)
            .mapToObj(i -> new ProcessView.Point(from.plusSeconds(i * 10L), 1e9 + i % 2 * 1e6))
            .toList();
    assertEquals("▁".repeat(10), Sparkline.of(flat, from, from.plusSeconds(100), 10));
    assertEquals("", Sparkline.of(flat, from, from, 0));
  }
}
