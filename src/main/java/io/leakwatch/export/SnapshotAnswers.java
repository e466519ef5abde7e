package io.leakwatch.export;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Metrics, health, API and page, all from the newest snapshot. Changes nothing.
 *
 * <p>Two answers are composed at once, into memory that is bounded for all that clients have not
 * taken yet; who finds no place or no room in time is told to come again. No client is waited for
 * while a place is held, so a slow one delays nobody.
 */
public final class SnapshotAnswers implements Answers {
  private static final int COMPOSED_AT_ONCE = 2;
  private static final int HELD_BYTES_MAX = 4 << 20;
  private static final long WAIT_MILLIS = 2000;
  private static final String JSON = "application/json; charset=utf-8";
  private static final Map<String, String> PAGE_HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
              + " connect-src 'self'; base-uri 'none'; form-action 'none';"
              + " frame-ancestors 'none'");

  private final Metrics metrics;
  private final Api api;
  private final BooleanSupplier ready;
  private final AnswerMemory memory = new AnswerMemory(HELD_BYTES_MAX);
  private final Semaphore places = new Semaphore(COMPOSED_AT_ONCE, true);

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

  /** Answers that found no place or no room so far. */
  public long refused() {
    return memory.refused();
  }

  @Override
  public void answer(String path, String accept, Recipient to) throws IOException {
    try (Response found = find(path, accept)) {
      to.accept(found);
    }
  }

  private Response find(String path, String accept) {
    return switch (path) {
      case "/-/healthy" -> Response.text(200, "leakwatch is healthy");
      case "/-/ready" ->
          ready.getAsBoolean()
              ? Response.text(200, "leakwatch is ready")
              : Response.text(503, "leakwatch is not ready: no recent sampling round");
      default -> inTurn(path, accept);
    };
  }

  private Response inTurn(String path, String accept) {
    try {
      if (!places.tryAcquire(WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        throw memory.full();
      }
      try {
        return compose(path, accept);
      } finally {
        places.release();
      }
    } catch (AnswerMemory.Full e) {
      return Response.busy("leakwatch has no room for this answer now");
    } catch (InterruptedException e) { // The port is being closed.
      Thread.currentThread().interrupt();
      return Response.busy("leakwatch is being stopped");
    } catch (IOException | RuntimeException e) {
      return Response.text(500, "internal error: " + e.getClass().getSimpleName());
    }
  }

  private Response compose(String path, String accept) throws IOException {
    if (path.equals("/metrics")) {
      ExpositionFormatWriter writer = Metrics.writerFor(accept);
      return composed(writer.getContentType(), out -> metrics.write(writer, out), Map.of());
    }
    if (path.equals("/")) {
      return composed("text/html; charset=utf-8", SnapshotAnswers::writePage, PAGE_HEADERS);
    }
    Body.Writing found = path.startsWith(Api.ROOT) ? api.get(path).orElse(null) : null;
    return found == null ? Response.text(404, "Not Found") : composed(JSON, found, Map.of());
  }

  private Response composed(String contentType, Body.Writing writing, Map<String, String> headers)
      throws IOException {
    return new Response(200, contentType, Body.compose(memory, writing), headers);
  }

  private static void writePage(OutputStream out) throws IOException {
    try (InputStream page = SnapshotAnswers.class.getResourceAsStream("page.html")) {
      Objects.requireNonNull(page).transferTo(out);
    }
  }
}
