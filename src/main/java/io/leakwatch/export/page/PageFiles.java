package io.leakwatch.export.page;

import io.leakwatch.export.http.AnswerMemory;
import io.leakwatch.export.http.Body;
import io.leakwatch.export.http.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;

/**
 * The files of the page: {@code /} and what it loads from below {@code /page/}. They are a fixed
 * set; no name leads to another resource of the jar. The browser may load nothing from elsewhere,
 * runs no script and applies no style that is not one of these files, and shows them in no frame.
 */
public final class PageFiles {
  private static final String ROOT = "/page/";
  private static final String JAVASCRIPT = "text/javascript; charset=utf-8";
  private static final String CSS = "text/css; charset=utf-8";
  private static final String CHARTS = "/META-INF/resources/webjars/uplot/1.6.30/dist/";
  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self';"
              + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "Referrer-Policy",
          "no-referrer");

  private static final Map<String, PageFile> FILES =
      Map.ofEntries(
          Map.entry("/", new PageFile("index.html", "text/html; charset=utf-8")),
          own("icon.svg", "image/svg+xml"),
          own("leakwatch.css", CSS),
          own("leakwatch.js", JAVASCRIPT),
          own("elements.js", JAVASCRIPT),
          own("quantities.js", JAVASCRIPT),
          own("overview.js", JAVASCRIPT),
          own("process.js", JAVASCRIPT),
          own("course.js", JAVASCRIPT),
          own("heap.js", JAVASCRIPT),
          own("space.js", JAVASCRIPT),
          own("incident.js", JAVASCRIPT),
          Map.entry(ROOT + "uplot.js", new PageFile(CHARTS + "uPlot.iife.min.js", JAVASCRIPT)),
          Map.entry(ROOT + "uplot.css", new PageFile(CHARTS + "uPlot.min.css", CSS)));

  private record PageFile(String resource, String type) {}

  private PageFiles() {}

  private static Map.Entry<String, PageFile> own(String name, String type) {
    return Map.entry(ROOT + name, new PageFile(name, type));
  }

  /** The file at a path, composed in a memory; empty where there is none. */
  public static Optional<Response> get(AnswerMemory memory, String path) throws IOException {
    PageFile file = FILES.get(path);
    if (file == null) {
      return Optional.empty();
    }
    Body body =
        Body.compose(
            memory,
            out -> {
              try (InputStream in = PageFiles.class.getResourceAsStream(file.resource())) {
                if (in == null) {
                  throw new IOException(file.resource() + " is missing in the jar");
                }
                in.transferTo(out);
              }
            });
    return Optional.of(new Response(200, file.type(), body, HEADERS));
  }
}
