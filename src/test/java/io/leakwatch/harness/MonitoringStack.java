package io.leakwatch.harness;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * A real Prometheus and a real Alertmanager on the loopback, at a fast pace, with the rules of
 * deploy/, and at the end of the chain a webhook receiver whose notifications a test awaits.
 */
public final class MonitoringStack implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final LinkedBlockingQueue<Notice> notices = new LinkedBlockingQueue<>();
  private final List<Process> processes = new ArrayList<>();
  private final Path directory;
  private final HttpServer receiver;
  private final int prometheusPort;
  private final int alertmanagerPort;

  /** One alert in a notification of Alertmanager. */
  public record Notice(String status, Map<String, String> labels, Map<String, String> annotations) {
    public String summary() {
      return annotations.getOrDefault("summary", "");
    }

    public boolean isAbout(String process) {
      return process.equals(labels.get("process"));
    }
  }

  private MonitoringStack(Path directory) throws IOException {
    this.directory = directory;
    this.prometheusPort = freePort();
    this.alertmanagerPort = freePort();
    this.receiver =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    receiver.createContext("/", this::receive);
    receiver.start();
  }

  /**
   * Starts both and waits until they are ready.
   *
   * @param directory for their files; empty
   * @param targets {@code host:port} of the agents to scrape
   */
  public static MonitoringStack start(Path directory, String... targets) throws IOException {
    MonitoringStack stack = new MonitoringStack(directory);
    try {
      stack.startAlertmanager();
      stack.startPrometheus(List.of(targets));
      stack.awaitReady(stack.alertmanagerPort);
      stack.awaitReady(stack.prometheusPort);
      return stack;
    } catch (IOException | RuntimeException e) {
      stack.close();
      throw e;
    }
  }

  public URI alertmanager() {
    return URI.create("http://127.0.0.1:" + alertmanagerPort);
  }

  /** The next notification that fits; others before it are passed over. */
  public Notice await(Predicate<Notice> wanted, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    List<Notice> seen = new ArrayList<>();
    try {
      while (true) {
        Notice notice = notices.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (notice == null) {
          throw new AssertionError("not notified within " + limit + "; seen: " + seen);
        }
        if (wanted.test(notice)) {
          return notice;
        }
        seen.add(notice);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Everything that has arrived and was not awaited. */
  public List<Notice> drain() {
    List<Notice> rest = new ArrayList<>();
    notices.drainTo(rest);
    return rest;
  }

  /** The result of an instant query; fails when Prometheus refuses it. */
  public List<JsonObject> query(String expression) throws IOException {
    JsonObject answer =
        get(
                prometheusPort,
                "/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8))
            .getAsJsonObject();
    JsonElement result = answer.getAsJsonObject("data").get("result");
    List<JsonObject> rows = new ArrayList<>();
    result.getAsJsonArray().forEach(row -> rows.add(row.getAsJsonObject()));
    return rows;
  }

  /** Waits until a query has a result. */
  public List<JsonObject> awaitQuery(String expression, Duration limit) throws IOException {
    long end = System.nanoTime() + limit.toNanos();
    List<JsonObject> rows = query(expression);
    while (rows.isEmpty()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no result within " + limit + ": " + expression);
      }
      pause();
      rows = query(expression);
    }
    return rows;
  }

  private void startAlertmanager() throws IOException {
    Path config = directory.resolve("alertmanager.yml");
    Files.writeString(
        config,
        """
        route:
          receiver: test
          group_by: [alertname, process]
          group_wait: 0s
          group_interval: 1s
          repeat_interval: 1h
        receivers:
          - name: test
            webhook_configs:
              - url: http://127.0.0.1:%d/
                send_resolved: true
        """
            .formatted(receiver.getAddress().getPort()));
    launch(
        "prometheus-alertmanager",
        "--config.file=" + config,
        "--storage.path=" + directory.resolve("alertmanager"),
        "--cluster.listen-address=",
        "--web.listen-address=127.0.0.1:" + alertmanagerPort);
  }

  /** The rules are those of deploy/; only the minutes that they bridge restarts with are cut. */
  private void startPrometheus(List<String> targets) throws IOException {
    for (String rules : List.of("leakwatch.rules.yml", "leakwatch-fleet.rules.yml")) {
      String text = Files.readString(Path.of("deploy", "prometheus", rules));
      Files.writeString(
          directory.resolve(rules),
          text.replaceAll("keep_firing_for: \\d+m", "keep_firing_for: 3s"));
    }
    Path config = directory.resolve("prometheus.yml");
    Files.writeString(
        config,
        """
        global:
          scrape_interval: 1s
          scrape_timeout: 1s
          evaluation_interval: 1s
        rule_files: [leakwatch.rules.yml, leakwatch-fleet.rules.yml]
        alerting:
          alertmanagers:
            - static_configs:
                - targets: ["127.0.0.1:%d"]
        scrape_configs:
          - job_name: leakwatch
            static_configs:
              - targets: [%s]
        """
            .formatted(alertmanagerPort, "\"" + String.join("\", \"", targets) + "\""));
    launch(
        "prometheus",
        "--config.file=" + config,
        "--storage.tsdb.path=" + directory.resolve("prometheus"),
        "--rules.alert.resend-delay=1s",
        "--web.listen-address=127.0.0.1:" + prometheusPort);
  }

  private void launch(String... command) throws IOException {
    Path log = directory.resolve(command[0] + ".log");
    processes.add(
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start());
  }

  private void awaitReady(int port) throws IOException {
    long end = System.nanoTime() + START_LIMIT.toNanos();
    while (!isReady(port)) {
      boolean dead = processes.stream().anyMatch(process -> !process.isAlive());
      if (dead || System.nanoTime() > end) {
        StringBuilder logs = new StringBuilder();
        for (String name : List.of("prometheus", "prometheus-alertmanager")) {
          Path log = directory.resolve(name + ".log");
          logs.append(Files.exists(log) ? Files.readString(log) : "");
        }
        throw new IllegalStateException("does not get ready:\n" + logs);
      }
      pause();
    }
  }

  private static boolean isReady(int port) {
    try {
      HttpURLConnection connection = open(port, "/-/ready");
      return connection.getResponseCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  /** What Prometheus says of itself. */
  public Scrape ownFigures() throws IOException {
    return Scrape.parse(text(prometheusPort, "/metrics"));
  }

  public int prometheusPid() {
    return (int) processes.get(1).pid();
  }

  private static JsonElement get(int port, String path) throws IOException {
    return JsonParser.parseString(text(port, path));
  }

  private static String text(int port, String path) throws IOException {
    HttpURLConnection connection = open(port, path);
    int status = connection.getResponseCode();
    try (InputStream body =
        status == 200 ? connection.getInputStream() : connection.getErrorStream()) {
      String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
      if (status != 200) {
        throw new AssertionError(path + ": " + text);
      }
      return text;
    }
  }

  private static HttpURLConnection open(int port, String path) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
    connection.setConnectTimeout(2_000);
    connection.setReadTimeout(10_000);
    return connection;
  }

  private void receive(HttpExchange exchange) throws IOException {
    try (exchange;
        InputStreamReader body =
            new InputStreamReader(exchange.getRequestBody(), StandardCharsets.UTF_8)) {
      JsonObject message = JsonParser.parseReader(body).getAsJsonObject();
      for (JsonElement element : message.getAsJsonArray("alerts")) {
        JsonObject alert = element.getAsJsonObject();
        notices.add(
            new Notice(
                alert.get("status").getAsString(),
                texts(alert, "labels"),
                texts(alert, "annotations")));
      }
      exchange.sendResponseHeaders(200, -1);
    }
  }

  private static Map<String, String> texts(JsonObject alert, String name) {
    Map<String, String> texts = new TreeMap<>();
    alert
        .getAsJsonObject(name)
        .entrySet()
        .forEach(entry -> texts.put(entry.getKey(), entry.getValue().getAsString()));
    return texts;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** Prometheus and Alertmanager tell nobody when they got somewhere: they have to be asked. */
  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    processes.forEach(Process::destroy);
    for (Process process : processes) {
      try {
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        process.destroyForcibly();
      }
    }
    receiver.stop(0);
  }
}
