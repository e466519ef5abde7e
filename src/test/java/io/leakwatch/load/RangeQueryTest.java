package io.leakwatch.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers as Prometheus gives them, and all others. */
class RangeQueryTest {
  private static final double FROM = 1_790_000_000;
  private static final Duration AMPLE = Duration.ofSeconds(20);

  private final HttpServer server;
  private final List<String> asked = new ArrayList<>();
  private final List<Double> times = new ArrayList<>();
  private final List<Double> values = new ArrayList<>();
  private int status = 200;
  private String answer = "";
  private String authorization = "";

  RangeQueryTest() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.createContext("/", this::answer);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      URI uri = exchange.getRequestURI();
      asked.add(uri.toString());
      authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
      byte[] body = answer.getBytes(UTF_8);
      exchange.sendResponseHeaders(status, body.length);
      exchange.getResponseBody().write(body);
    }
  }

  private RangeQuery query(String user, String text) {
    return new RangeQuery(
        "http://" + user + "127.0.0.1:" + server.getAddress().getPort() + "/prefix/",
        text,
        Duration.ofMinutes(5),
        AMPLE);
  }

  private void ask(RangeQuery query) throws IOException {
    query.ask(
        FROM,
        FROM + 3_000,
        (time, value) -> {
          times.add(time);
          values.add(value);
        });
  }

  private static String series(String metric, String values) {
    return "{\"metric\":{" + metric + "},\"values\":[" + values + "]}";
  }

  private static String matrix(String... series) {
    return "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":["
        + String.join(",", series)
        + "]}}";
  }

  private static String point(double seconds, String value) {
    return "[" + (long) (FROM + seconds) + ",\"" + value + "\"]";
  }

  private String refusal() {
    RangeQuery query = query("", "up");
    String why = assertThrows(IOException.class, () -> ask(query)).getMessage();
    assertEquals(1, why.lines().count());
    assertTrue(why.length() < 1000, why);
    return why;
  }

  @Test
  void shouldAskOnceForAStretchAndGiveItsPoints() throws IOException {
    answer =
        matrix(
            series(
                "\"job\":\"mds\"",
                point(0, "4096") + "," + point(300, "1.5e9") + "," + point(600, "NaN")));
    RangeQuery query = query("me:s3%20cret@", "a{job=\"x y+&\"}");
    ask(query);
    assertEquals(List.of(FROM, FROM + 300, FROM + 600), times);
    assertEquals(List.of(4096.0, 1.5e9, Double.NaN), values);
    assertEquals(
        List.of(
            "/prefix/api/v1/query_range?query=a%7Bjob%3D%22x+y%2B%26%22%7D"
                + "&start=1790000000.000&end=1790003000.000&step=300&timeout=20s"),
        asked);
    assertEquals("Basic bWU6czMgY3JldA==", authorization);
    assertFalse(query.serverShown().contains("cret"), query::serverShown);
    assertEquals("{job=\"mds\"}", query.series());
  }

  @Test
  void nothingShouldBeNoPoints() throws IOException {
    answer = matrix();
    ask(query("", "up"));
    assertEquals(List.of(), times);
  }

  @Test
  void severalSeriesShouldBeNamed() {
    answer =
        matrix(
            series("\"__name__\":\"up\",\"job\":\"a\"", point(0, "1")),
            series("\"__name__\":\"up\",\"job\":\"b\\u001b[2J\"", point(0, "1")));
    String why = refusal();
    assertTrue(why.contains("up{job=\"a\"} and up{job=\"b?[2J\"}: narrow it"), why);

    String many = series("\"pod\":\"" + "p".repeat(90) + "\"", point(0, "1"));
    answer = matrix(many, many, many, many, many, many, many);
    assertTrue(refusal().contains(" and more: "), this::refusal);

    // Too long an answer, because they are so many.
    String values = (point(0, "1") + ",").repeat(9_000) + point(0, "1");
    answer =
        matrix(
            series("\"i\":\"0\"", point(0, "1")),
            series("\"i\":\"1\"", values),
            series("\"i\":\"2\"", values.repeat(1) + "," + values.repeat(20).replace("][", "],[")));
    assertTrue(refusal().contains("several series"), this::refusal);
  }

  @Test
  void aSeriesThatChangesOverTimeShouldBeSeveral() throws IOException {
    RangeQuery query = query("", "up");
    answer = matrix(series("\"pod\":\"a\"", point(0, "1")));
    ask(query);
    ask(query);
    answer = matrix(series("\"pod\":\"b\"", point(0, "1")));
    String why = assertThrows(IOException.class, () -> ask(query)).getMessage();
    assertTrue(why.contains("{pod=\"a\"} and {pod=\"b\"}"), why);
  }

  @Test
  void aRefusalShouldBeToldWithItsReason() {
    status = 400;
    answer = "{\"status\":\"error\",\"errorType\":\"bad_data\",\"error\":\"1:5: parse\\nerror\"}";
    assertEquals("it answers HTTP/1.1 400 Bad Request: 1:5: parse?error", refusal());
    status = 401;
    answer = "go away";
    assertTrue(refusal().contains("401") && refusal().contains("user:password@"), this::refusal);
    status = 302;
    assertTrue(refusal().startsWith("it answers HTTP/1.1 302 "), this::refusal);
    status = 200;
    answer = "{\"status\":\"error\",\"error\":\"too slow\"}";
    assertEquals("it refuses: too slow", refusal());
  }

  @Test
  void aHostileAnswerShouldBeOneLine() {
    String one = series("", point(0, "1"));
    for (String bad :
        List.of(
            "",
            "<html>",
            "[]",
            "{}",
            "{\"status\":\"success\"}",
            "{\"status\":\"success\",\"data\":null}",
            "{\"status\":7,\"data\":{\"resultType\":\"matrix\",\"result\":[]}}",
            matrix(one).replace("matrix", "vector"),
            matrix(one).replace("[[", "[[" + "[".repeat(10_000)),
            matrix(one).substring(0, 60),
            matrix(series("", "[1,2,3]")),
            matrix(series("", "[\"x\",\"1\"]")),
            matrix(series("", point(-7_000, "1"))),
            matrix(series("", point(7_000, "1"))),
            matrix(series("", point(60, "1") + "," + point(60, "1"))),
            matrix(series("\"a\":{}", point(60, "1"))),
            matrix("{\"metric\":{},\"histograms\":[[1,{}]]}"),
            "{\"status\":\"success\",\"x\":\"" + "y".repeat(5 << 20) + "\"}")) {
      answer = bad;
      refusal();
    }
  }

  @Test
  void oddNumbersShouldBeNone() throws IOException {
    answer =
        matrix(
            series(
                "",
                String.join(
                    ",",
                    point(0, "+Inf"),
                    point(1, "-Inf"),
                    point(2, ""),
                    point(3, "0x10"),
                    point(4, "-5"),
                    point(5, "1e400"))));
    ask(query("", "up"));
    assertEquals(
        List.of(
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY,
            Double.NaN,
            Double.NaN,
            -5.0,
            Double.POSITIVE_INFINITY),
        values);
  }

  @Test
  void whatIsNoServerShouldBeRefusedWithoutItsPassword() {
    for (String bad :
        List.of(
            "prometheus:9090",
            "ftp://h",
            "http://",
            "http://u:secret@h?x=1",
            "http://u:se cret@h")) {
      String why =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> new RangeQuery(bad, "up", Duration.ofMinutes(1), AMPLE))
              .getMessage();
      assertTrue(why.contains("http://prometheus:9090") && !why.contains("cret@h?"), why);
    }
    assertThrows(
        IllegalArgumentException.class,
        () -> new RangeQuery("http://h", "up", Duration.ofMillis(10), AMPLE));
  }

  @Test
  void aNameShouldStayAStringOfTheQuery() {
    assertEquals(
        "a{job=\"x\\\"} or b\\\\\"}", RangeQuery.filled("a{job=\"${name}\"}", "x\"} or b\\"));
  }

  @FuzzTest
  void shouldTakeAnything(byte[] bytes) {
    RangeAnswer any = new RangeAnswer(FROM, FROM + 3_000, 100);
    try {
      any.read(new StringReader(new String(bytes, UTF_8)));
      any.give((time, value) -> assertTrue(time >= FROM - 1 && time <= FROM + 3_001));
    } catch (IOException e) {
      assertTrue(e.getMessage() != null);
    }
  }
}
