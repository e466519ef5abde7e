package io.leakwatch.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.leakwatch.config.Defaults;
import io.leakwatch.sample.LoadSeries;
import io.leakwatch.sample.LoadSeries.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerReaderTest {
  private static final int SERIES_MAX = 16;

  private static Answer read(byte[] bytes, List<String> names) {
    AnswerReader reader = new AnswerReader(MetricNames.of(names), SERIES_MAX);
    reader.accept(bytes, 0, bytes.length);
    return reader.finish();
  }

  /** The figures by name, with the first letter of what they are declared to be. */
  private static Map<String, Double> figures(String text, String... names) {
    Map<String, Double> figures = new TreeMap<>();
    if (read(text.getBytes(UTF_8), List.of(names)) instanceof Answer.Figures found) {
      found
          .figures()
          .forEach(
              (series, value) -> figures.put(series.kind().name() + " " + series.name(), value));
    }
    return figures;
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = AnswerReaderTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"brpc-vars.txt", "brpc-dummy-port.txt"})
  void shouldReadWhatABrpcServerAnswers(String file) throws IOException {
    String text = resource(file);
    String block = file.contains("vars") ? "573440" : "581632";
    Map<String, Double> found = figures(text, Defaults.LOAD.metrics().toArray(String[]::new));
    assertEquals(
        Map.of(
            "UNDECLARED iobuf_block_memory", Double.parseDouble(block),
            "UNDECLARED rpc_socket_count", 3.0,
            "UNDECLARED bthread_keytable_memory", 768.0,
            "UNDECLARED bthread_stack_count", 13.0,
            "UNDECLARED rpc_server_*_count", 494215.0),
        found);
  }

  /** What it remembers of its memory is asked of it alone, on either of its ports. */
  @Test
  void shouldKnowABrpcServer() throws IOException {
    String metrics =
        resource("brpc-dummy-port.txt")
            + "# HELP process_memory_resident\n# TYPE process_memory_resident gauge\n"
            + "process_memory_resident 207130624\n";
    for (String text : List.of(resource("brpc-vars.txt"), metrics)) {
      Answer answer = read(text.getBytes(UTF_8), List.of("iobuf_block_memory"));
      assertTrue(((Answer.Figures) answer).brpc(), text);
    }
    String others =
        "# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes 5\n"
            + "x{name=\"process_memory_resident\"} 1\nprocess_memory_resident_2 1\n";
    assertEquals(false, ((Answer.Figures) read(others.getBytes(UTF_8), List.of("x"))).brpc());
  }

  @Test
  void shouldTakeTheCountOfASummaryForACounter() throws IOException {
    assertEquals(
        Map.of("COUNTER rpc_server_*_count", 494215.0),
        figures(
            resource("brpc-own-port.txt"),
            "rpc_server_*_count",
            "!rpc_server_*_connection_count",
            "!rpc_server_*_service_count"));
  }

  @Test
  void aQuotedValueShouldNotPassForMetrics() {
    String trap =
        "cmd : \"./srv\n"
            + "iobuf_block_memory : 7\n"
            + "quote\"\n"
            + "iobuf_block_memory : 8\n"
            + "\"\r\n"
            + "rpc_socket_count : 3\r\n";
    assertEquals(
        Map.of("UNDECLARED rpc_socket_count", 3.0),
        figures("first : 1\r\n" + trap, "iobuf_block_memory", "rpc_socket_count"));
    assertEquals(
        Map.of("UNDECLARED a", 1.0, "UNDECLARED b", 2.0),
        figures("a : 1\nname : \"x\"\nmore : \"y\na : 5\n\"\nb : 2\n", "a", "b"));
  }

  @Test
  void blocksThatABrokenBrpcCountsShouldBecomeBytes() {
    assertEquals(
        Map.of("UNDECLARED iobuf_block_memory", 70 * 8192.0),
        figures("iobuf_block_count : 70\r\niobuf_block_memory : 70\r\n", "iobuf_block_memory"));
    assertEquals(
        Map.of("UNDECLARED iobuf_block_memory", 573440.0),
        figures("iobuf_block_memory 573440\niobuf_block_count 70\n", "iobuf_block_memory"));
  }

  @Test
  void shouldBelieveADeclaredTypeButNotBrpcs() {
    String text =
        """
        # HELP sessions Live sessions.
        # TYPE sessions gauge
        sessions 12
        # HELP requests_total Requests.
        # TYPE requests_total counter
        requests_total{code="200"} 5
        requests_total{code="500",path="a\\"}b"} 7 1395066363000
        # TYPE nohelp gauge
        nohelp 1
        # HELP brpc
        # TYPE brpc gauge
        brpc 2
        # TYPE open counter
        open_total 3 # {trace="x"} 1
        # TYPE duration histogram
        duration_bucket{le="1"} 2
        duration_count 9
        # EOF
        """;
    assertEquals(
        Map.of(
            "GAUGE sessions", 12.0,
            "COUNTER requests_total", 12.0,
            "GAUGE nohelp", 1.0,
            "UNDECLARED brpc", 2.0,
            "COUNTER open_total", 3.0,
            "COUNTER duration_count", 9.0),
        figures(
            text, "sessions", "requests_total", "nohelp", "brpc", "open_total", "duration_count"));
    assertEquals(
        Map.of("COUNTER requests_total{*code=\"200\"*}", 5.0),
        figures(text, "requests_total{*code=\"200\"*}"));
  }

  @Test
  void shouldLeaveOutWhatIsNoFigure() {
    assertEquals(
        Map.of("UNDECLARED e", 1000.0),
        figures(
            "a NaN\nb +Inf\nc 0x1p3\nd 1f\ne 1e3\nf\ng{ 5\nh{x=\"} 5\ni 1 2 3\nj : \"4\"\nk : [1,2]\n",
            "a",
            "b",
            "c",
            "d",
            "e",
            "f",
            "g",
            "h",
            "j",
            "k"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<html><body>iobuf_block_memory : 5</body></html>",
        "\n\n  <!DOCTYPE html>\niobuf_block_memory 5\n",
        "\u0000\u0001iobuf_block_memory 5\n",
        "",
        "nothing of the kind\n",
        "{\"iobuf_block_memory\": 5}\n"
      })
  void shouldRefuseWhatIsNoMetrics(String text) {
    Answer answer = read(text.getBytes(UTF_8), List.of("iobuf_block_memory"));
    assertTrue(answer instanceof Answer.Refused, answer::toString);
  }

  @Test
  void shouldPassOverALineWithoutAnEnd() {
    String text = "x".repeat(1 << 20) + " 5\na 1\n" + "b".repeat(1 << 20);
    Answer.Figures figures = (Answer.Figures) read(text.getBytes(UTF_8), List.of("a", "x*"));
    assertEquals(Map.of(new LoadSeries("a", Kind.UNDECLARED), 1.0), figures.figures());
    assertEquals(2, figures.overlongLines());
  }

  @Test
  void shouldReadTheSameHoweverTheBytesCome() throws IOException {
    byte[] bytes = resource("brpc-vars.txt").getBytes(UTF_8);
    List<String> names = List.of("*_count", "process_*");
    Answer whole = read(bytes, names);
    Random random = new Random(1);
    for (int run = 0; run < 50; run++) {
      AnswerReader reader = new AnswerReader(MetricNames.of(names), SERIES_MAX);
      for (int from = 0; from < bytes.length; ) {
        int to = Math.min(bytes.length, from + 1 + random.nextInt(100));
        reader.accept(bytes, from, to);
        from = to;
      }
      assertEquals(whole, reader.finish());
    }
  }

  @Test
  void aStarShouldStandForAnyText() {
    for (String fits : List.of("ab", "a_b", "a__b", "axbxb")) {
      assertTrue(MetricNames.globs("a*b".getBytes(UTF_8), fits.getBytes(UTF_8), 0, fits.length()));
    }
    for (String not : List.of("a", "b", "abc", "")) {
      assertEquals(
          false,
          MetricNames.globs("a*b".getBytes(UTF_8), not.getBytes(UTF_8), 0, not.length()),
          not);
    }
  }

  @FuzzTest
  void shouldTakeAnything(byte[] bytes) {
    if (read(bytes, List.of("*", "a*b", "iobuf_block_memory")) instanceof Answer.Figures found) {
      assertTrue(found.figures().size() <= 3);
      found.figures().values().forEach(value -> assertTrue(Double.isFinite(value)));
    }
  }
}
