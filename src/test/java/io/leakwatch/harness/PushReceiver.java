package io.leakwatch.harness;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * Listens where the agent pushes to: Alertmanager's v2 API, and the webhook at {@code /hook}. Keeps
 * every alert of every message.
 */
public final class PushReceiver implements AutoCloseable {
  private final HttpServer server;
  private final List<Pushed> pushed = new ArrayList<>();

  /**
   * One alert in one message.
   *
   * @param webhook whether it came to the webhook
   * @param firing whether it said that the alert fires
   */
  public record Pushed(
      boolean webhook, boolean firing, String process, String verdict, String summary) {}

  private PushReceiver() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    server.createContext("/", this::receive);
    server.start();
  }

  public static PushReceiver start() throws IOException {
    return new PushReceiver();
  }

  /** The alert section of a configuration that pushes here, both ways. */
  public String configuration() {
    String address = "http://127.0.0.1:" + server.getAddress().getPort();
    return "alert { alertmanagers = [\"" + address + "\"], webhooks = [\"" + address + "/hook\"] }";
  }

  private void receive(HttpExchange exchange) throws IOException {
    Instant now = Instant.now();
    try (exchange;
        InputStreamReader body =
            new InputStreamReader(exchange.getRequestBody(), StandardCharsets.UTF_8)) {
      boolean webhook = exchange.getRequestURI().getPath().equals("/hook");
      JsonElement message = JsonParser.parseReader(body);
      JsonArray alerts = new JsonArray();
      if (webhook) {
        alerts.add(message);
      } else {
        alerts = message.getAsJsonArray();
      }
      synchronized (pushed) {
        alerts.forEach(alert -> pushed.add(read(alert.getAsJsonObject(), webhook, now)));
        pushed.notifyAll();
      }
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private static Pushed read(JsonObject alert, boolean webhook, Instant now) {
    JsonObject labels = alert.getAsJsonObject("labels");
    boolean firing =
        webhook
            ? alert.get("status").getAsString().equals("firing")
            : Instant.parse(alert.get("endsAt").getAsString()).isAfter(now.plusSeconds(1));
    return new Pushed(
        webhook,
        firing,
        labels.get("process").getAsString(),
        labels.get("verdict").getAsString(),
        alert.getAsJsonObject("annotations").get("summary").getAsString());
  }

  /** All that has arrived so far. */
  public List<Pushed> pushed() {
    synchronized (pushed) {
      return List.copyOf(pushed);
    }
  }

  /** The first that fits among all but the first {@code skipped}, waiting for it. */
  public Pushed await(int skipped, Predicate<Pushed> wanted, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    synchronized (pushed) {
      int seen = skipped;
      while (true) {
        for (; seen < pushed.size(); seen++) {
          if (wanted.test(pushed.get(seen))) {
            return pushed.get(seen);
          }
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (millis <= 0) {
          throw new AssertionError("not pushed within " + limit + "; pushed: " + pushed);
        }
        try {
          pushed.wait(millis);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IllegalStateException(e);
        }
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
