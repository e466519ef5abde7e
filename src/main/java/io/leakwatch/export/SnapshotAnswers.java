package io.leakwatch.export;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Metrics, health, API and page, all from the newest snapshot. Changes nothing. */
public final class SnapshotAnswers implements Answers {
  private static final Map<String, String> PAGE_HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
              + " connect-src 'self'; base-uri 'none'; form-action 'none';"
              + " frame-ancestors 'none'");

  private final Metrics metrics;
  private final Api api;
  private final BooleanSupplier ready;

  /**
   * @param current gives the newest snapshot
   * @param ready whether the first round is done and sampling makes progress
   */
  public SnapshotAnswers(
      Supplier<Snapshot> current,
      Metrics metrics,
      IncidentSource incidents,
      BooleanSupplier ready) {
    this.metrics = metrics;
    this.api = new Api(current, incidents);
    this.ready = ready;
  }

  @Override
  public void answer(String path, String accept, Recipient to) throws IOException {
    Response found;
    try {
      found = find(path, accept).orElseGet(() -> Response.text(404, "Not Found"));
    } catch (RuntimeException e) {
      found = Response.text(500, "internal error: " + e.getClass().getSimpleName());
    }
    to.accept(found);
  }

  private Optional<Response> find(String path, String accept) throws IOException {
    return switch (path) {
      case "/" -> page();
      case "/metrics" -> Optional.of(metrics(accept));
      case "/-/healthy" -> Optional.of(Response.text(200, "leakwatch is healthy"));
      case "/-/ready" ->
          Optional.of(
              ready.getAsBoolean()
                  ? Response.text(200, "leakwatch is ready")
                  : Response.text(503, "leakwatch is not ready: no recent sampling round"));
      default -> path.startsWith(Api.ROOT) ? api.get(path) : Optional.empty();
    };
  }

  private Response metrics(String accept) throws IOException {
    ExpositionFormatWriter writer = Metrics.writerFor(accept);
    ByteArrayOutputStream body = new ByteArrayOutputStream(1 << 16);
    metrics.write(writer, body);
    return new Response(200, writer.getContentType(), body.toByteArray(), Map.of());
  }

  private static Optional<Response> page() throws IOException {
    try (InputStream page = SnapshotAnswers.class.getResourceAsStream("page.html")) {
      return page == null
          ? Optional.empty()
          : Optional.of(
              new Response(200, "text/html; charset=utf-8", page.readAllBytes(), PAGE_HEADERS));
    }
  }
}
