package io.leakwatch.export.page;

import io.leakwatch.export.http.HttpEndpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How soon a person sees something of 100 processes and 30 days. */
@Tag("benchmark")
class PageBenchmark {
  private static final int RUNS = 7;
  private static final String PAINT =
      "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1";
  private static final String READY = "return window.leakwatchReady ?? -1";

  @TempDir private Path directory;

  @Test
  void firstPaintAndFirstFigures() throws IOException {
    try (HttpEndpoint endpoint = LargeNode.open(directory);
        Browser browser = Browser.open(endpoint.port(), directory.resolve("browser"), false)) {
      for (int run = 0; run < RUNS; run++) {
        browser.show("");
        double paint = ((Number) browser.run(PAINT)).doubleValue();
        double rows = ((Number) browser.run(READY)).doubleValue();
        browser.show("#/process/" + LargeNode.RECORDED);
        double process = ((Number) browser.run(READY)).doubleValue();
        System.out.printf(
            Locale.ROOT,
            "first paint %.0f ms, all rows %.0f ms, a process with its curve %.0f ms%n",
            paint,
            rows,
            process);
      }
    }
  }
}
