package io.leakwatch.export.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.config.Defaults;
import io.leakwatch.export.http.Answers;
import io.leakwatch.export.http.Body;
import io.leakwatch.export.http.HttpEndpoint;
import io.leakwatch.export.http.Response;
import io.leakwatch.harness.Tool;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The figures of the page, as a browser shows them. */
class PageTest {
  private static final Pattern FACT = Pattern.compile("(resident|growth)<b>([^<]*)</b>");

  @TempDir private Path directory;

  private static byte[] page() throws IOException {
    try (InputStream in = PageTest.class.getResourceAsStream("page.html")) {
      return in.readAllBytes();
    }
  }

  private static String process(String name, double bytes, double bytesPerDay) {
    return """
        {"name": "%s", "pid": 1, "up": true, "exe": "/x", "verdict": "steady", "severity": "none",
         "kinds": {}, "rss_bytes": %s, "growth_bytes_per_second": %s, "reasons": [], "limits": [], "recent": []}
        """
        .formatted(name, bytes, bytesPerDay / 86_400);
  }

  @Test
  void figuresThatRoundToNothingOrToTheNextUnitShouldLookLikeIt() throws IOException {
    assumeTrue(
        Tool.run("", List.of("sh", "-c", "command -v chromium")).status() == 0, "no browser here");
    String processes =
        "{\"taken_at\": \"2026-03-01T10:00:00Z\", \"processes\": [%s, %s, %s]}"
            .formatted(
                process("a", 1023.7, 0.2), process("b", 1048570, -0.2), process("c", 1536, -3072));
    byte[] page = page();
    Answers answers =
        (path, accept, to) ->
            to.accept(
                path.equals("/")
                    ? new Response(200, "text/html; charset=utf-8", Body.of(page), Map.of())
                    : path.endsWith("processes") ? json(processes) : json("{\"incidents\": []}"));
    try (HttpEndpoint endpoint = HttpEndpoint.start(Defaults.export(Path.of(""), ""), answers)) {
      String shown =
          Tool.run(
                  "",
                  List.of(
                      "chromium",
                      "--headless",
                      "--no-sandbox",
                      "--disable-gpu",
                      "--disable-dev-shm-usage",
                      "--user-data-dir=" + directory.resolve("browser"),
                      "--virtual-time-budget=4000",
                      "--dump-dom",
                      "http://127.0.0.1:" + endpoint.port() + "/"))
              .output();
      assertEquals(
          List.of("1.0 KiB", "0 B/day", "1.0 MiB", "0 B/day", "1.5 KiB", "-3.0 KiB/day"),
          FACT.matcher(shown).results().map(one -> one.group(2)).toList(),
          shown);
    }
  }

  /** The page has its own copy of the rules, for it is a file and nobody's template. */
  @Test
  void figuresShouldBeSpeltAsInTheRestOfTheProgram() throws IOException {
    assumeTrue(Tool.run("", List.of("sh", "-c", "command -v node")).status() == 0, "no node here");
    String page = new String(page(), UTF_8);
    String rules = page.substring(page.indexOf("const number ="), page.indexOf("const WORDS ="));
    Random random = new Random(7);
    StringBuilder script = new StringBuilder(rules);
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 4000; i++) {
      double value = Math.pow(2, 80 * random.nextDouble() - 20) * (i % 3 == 0 ? -1 : 1);
      value = i % 4 == 0 ? Math.rint(value / 4096) * 4096 : i == 1 ? 0 : value;
      double share = i % 4 / 4.0 + i % 2 * random.nextDouble() / 50;
      script.append(
          "console.log(size(%s), rate(%s), duration(%s), when(%s), percent(%s));%n"
              .formatted(value, value, value, value, share));
      expected.append(
          "%s %s %s %s %s%n"
              .formatted(
                  Quantity.size(value),
                  Quantity.rate(value),
                  Quantity.duration(value),
                  Verdict.Exhaustion.when(value),
                  Quantity.percent(share)));
    }
    script.append("console.log(size(null), rate(undefined), when(null), percent(null));\n");
    expected.append("? ? not within 2 years ?\n");
    assertEquals(expected.toString(), Tool.run(script.toString(), List.of("node", "-")).output());
  }

  private static Response json(String text) {
    return new Response(200, "application/json", Body.of(text.getBytes(UTF_8)), Map.of());
  }

  /** The page has a copy of it, for it is a file and nobody's template. */
  @Test
  void shouldForetellAsFarAsVerdictsDo() throws IOException {
    String page = new String(page(), UTF_8);
    assertTrue(
        page.contains(
            "if (seconds >= %.0f) return \"not within %d years\""
                .formatted(
                    Verdict.Exhaustion.FORECAST_SECONDS_MAX,
                    Verdict.Exhaustion.FORECAST_YEARS_MAX)));
  }
}
