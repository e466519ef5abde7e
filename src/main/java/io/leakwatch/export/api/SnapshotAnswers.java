package io.leakwatch.export.api;

import io.leakwatch.export.Snapshot;
import io.leakwatch.export.http.AnswerMemory;
import io.leakwatch.export.http.Answers;
import io.leakwatch.export.http.Body;
import io.leakwatch.export.http.Request;
import io.leakwatch.export.http.Response;
import io.leakwatch.export.metrics.Metrics;
import io.leakwatch.export.page.PageFiles;
import io.leakwatch.program.BuildVersion;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Metrics, health, API and page, all from the newest snapshot, and the runbook. Changes nothing.
 *
 * <p>One scrape and one other answer are composed at once, each into memory of its own that is
 * bounded for all that clients have not taken yet: readers of the API, however many and slow, never
 * cost Prometheus a scrape. Who finds no place or no room in time gets 503 and may ask again. No
 * client is waited for while a place is held, so a slow one delays nobody.
 */
public final class SnapshotAnswers implements Answers {
  private static final int SCRAPE_BYTES_MAX = 1 << 20;
  private static final int OTHER_BYTES_MAX = 4 << 20;
  private static final long WAIT_MILLIS = 2000;
  private static final String METRICS = "/metrics";

  private final Metrics metrics;
  private final Api api;
  private final BooleanSupplier ready;
  private final Lane scrapes = new Lane(SCRAPE_BYTES_MAX);
  private final Lane others = new Lane(OTHER_BYTES_MAX);

  /**
   * @param current gives the newest snapshot
   * @param ready whether the first round is done and sampling makes progress
   */
  public SnapshotAnswers(
      Supplier<Snapshot> current, Metrics metrics, Api.Sources sources, BooleanSupplier ready) {
    this.metrics = metrics;
    this.api = new Api(current, sources, BuildVersion.version());
    this.ready = ready;
  }

  /** Answers that found no place or no room so far. */
  public long refused() {
    return scrapes.memory.refused() + others.memory.refused();
  }

  @Override
  public void answer(Request request, Recipient to) throws IOException {
    try (Response found = find(request)) {
      to.accept(found);
    }
  }

  private Response find(Request request) {
    return switch (request.path()) {
      case "/-/healthy" -> Response.text(200, "leakwatch is healthy");
      case "/-/ready" ->
          ready.getAsBoolean()
              ? Response.text(200, "leakwatch is ready")
              : Response.text(503, "leakwatch is not ready: no recent sampling round");
      default -> inTurn(request);
    };
  }

  private Response inTurn(Request request) {
    Lane lane = request.path().equals(METRICS) ? scrapes : others;
    try {
      if (!lane.place.tryAcquire(WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        throw lane.memory.full();
      }
      try {
        return compose(lane.memory, request);
      } finally {
        lane.place.release();
      }
    } catch (AnswerMemory.Full e) {
      return Response.busy("leakwatch has no memory left for this answer now");
    } catch (InterruptedException e) { // The port is being closed.
      Thread.currentThread().interrupt();
      return Response.busy("leakwatch is stopping");
    } catch (IOException | RuntimeException e) {
      return Response.text(500, "internal error: " + e.getClass().getSimpleName());
    }
  }

  private Response compose(AnswerMemory memory, Request request) throws IOException {
    String path = request.path();
    if (path.equals(METRICS)) {
      ExpositionFormatWriter writer = Metrics.writerFor(request.accept());
      Body body = Body.compose(memory, out -> metrics.write(writer, out));
      return new Response(200, writer.getContentType(), body, Map.of());
    }
    if (Runbook.isBelow(path)) {
      Body.Writing page = Runbook.get(path).orElse(null);
      return page == null
          ? Response.text(404, Runbook.NO_SUCH_PAGE)
          : new Response(200, Runbook.TYPE, Body.compose(memory, page), Map.of());
    }
    return (path.startsWith(Api.ROOT) ? api.get(memory, request) : PageFiles.get(memory, path))
        .orElseGet(() -> Response.text(404, "Not Found"));
  }

  /** A place where one answer at a time is composed, and the memory for all that are held. */
  private static final class Lane {
    private final Semaphore place = new Semaphore(1, true);
    private final AnswerMemory memory;

    Lane(long bytesMax) {
      this.memory = new AnswerMemory(bytesMax);
    }
  }
}
