package io.leakwatch.harness;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The whole agent in a process of its own, started by its launcher as a service would be: what it
 * logs, what it exports, and signals.
 */
public final class AgentProcess implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Pattern PORT = Pattern.compile(".* listens on port (\\d+)");

  private final Process process;
  private final Thread reader;
  private final List<String> log = new ArrayList<>();
  private boolean logEnded;

  private AgentProcess(Process process) {
    this.process = process;
    this.reader = new Thread(this::readLog, "log of " + process.pid());
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts {@code run} with a configuration file. */
  public static AgentProcess run(Path configuration) {
    return run(configuration, Map.of(), List.of());
  }

  /**
   * Starts {@code run} with a configuration file.
   *
   * @param prefix a command that executes the agent's, e.g. one that takes its privileges away
   */
  public static AgentProcess run(
      Path configuration, Map<String, String> environment, List<String> prefix) {
    return start(environment, prefix, "run", "--config.file", configuration.toString());
  }

  /** Starts any command that runs until it is told to stop. */
  public static AgentProcess start(
      Map<String, String> environment, List<String> prefix, String... arguments) {
    List<String> command = new ArrayList<>(prefix);
    List<String> settings = new ArrayList<>();
    environment.forEach((name, value) -> settings.add(name + "=" + value));
    command.addAll(Launcher.command(settings, arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().remove("JOURNAL_STREAM");
    builder.environment().putAll(environment);
    try {
      return new AgentProcess(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Writes a configuration in which seconds stand for hours.
   *
   * @param directory for the file and the history
   * @param rest further keys below {@code leakwatch}
   */
  public static Path fastConfiguration(Path directory, String rest) {
    String text =
        """
        include file("%s")
        leakwatch {
          sampling.watch-self = false
          history.path = "%s"
          export.listen-address = "127.0.0.1:0"
          alert.resend-interval = 10s
          diagnosis.on-alert = false
        %s
        }
        """
            .formatted(
                Path.of("config", "fast.conf").toAbsolutePath(),
                directory.resolve("history.db"),
                rest);
    try {
      return Files.writeString(directory.resolve("leakwatch.conf"), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public long pid() {
    return process.pid();
  }

  /** The port that it listens on; waits for it. */
  public int port() {
    Matcher matcher = PORT.matcher(awaitLog(line -> PORT.matcher(line).matches()));
    if (!matcher.matches()) {
      throw new IllegalStateException();
    }
    return Integer.parseInt(matcher.group(1));
  }

  /** The first line of the log that fits, waiting for it. */
  public String awaitLog(Predicate<String> wanted) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    synchronized (log) {
      int seen = 0;
      while (true) {
        for (; seen < log.size(); seen++) {
          if (wanted.test(log.get(seen))) {
            return log.get(seen);
          }
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (logEnded || millis <= 0) {
          throw new AssertionError("not logged: " + String.join("\n", log));
        }
        pause(millis);
      }
    }
  }

  private void pause(long millis) {
    try {
      log.wait(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** What was logged so far. */
  public List<String> log() {
    synchronized (log) {
      return List.copyOf(log);
    }
  }

  private void readLog() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        synchronized (log) {
          log.add(line);
          log.notifyAll();
        }
      }
    } catch (IOException e) {
      // The stream is closed when the process is killed.
    }
    synchronized (log) {
      logEnded = true;
      log.notifyAll();
    }
  }

  /** What it exports now. */
  public Scrape scrape() throws IOException {
    return Scrape.parse(get("/metrics"));
  }

  /** Asks for its metrics until they are as wanted. */
  public Scrape await(String what, Predicate<Scrape> wanted) throws IOException {
    return await(what, wanted, e -> false);
  }

  /**
   * The same, and asks again after failures.
   *
   * @param passing failures that may happen meanwhile
   */
  public Scrape await(String what, Predicate<Scrape> wanted, Predicate<IOException> passing)
      throws IOException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    int port = port();
    while (true) {
      String seen = "";
      try {
        seen = get(port, "/metrics");
        Scrape scrape = Scrape.parse(seen);
        if (wanted.test(scrape)) {
          return scrape;
        }
      } catch (IOException e) {
        if (!passing.test(e)) {
          throw e;
        }
      }
      if (System.nanoTime() > end) {
        throw new AssertionError(what + " was awaited in vain:\n" + seen);
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException(e);
      }
    }
  }

  /** Asks for its incidents until one is as wanted, and returns that with its evidence. */
  public JsonObject awaitIncident(String what, Predicate<JsonObject> wanted) throws IOException {
    AtomicReference<JsonObject> found = new AtomicReference<>();
    await(
        what,
        scrape -> {
          incidents().stream().filter(wanted).findFirst().ifPresent(found::set);
          return found.get() != null;
        });
    return found.get();
  }

  /** Its incidents with their evidence, the newest first. */
  private List<JsonObject> incidents() {
    try {
      List<JsonObject> incidents = new ArrayList<>();
      JsonObject all = JsonParser.parseString(get("/api/v1/incidents")).getAsJsonObject();
      for (JsonElement head : all.getAsJsonArray("incidents")) {
        String id = head.getAsJsonObject().get("id").getAsString();
        incidents.add(JsonParser.parseString(get("/api/v1/incidents/" + id)).getAsJsonObject());
      }
      return incidents;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets it finish so many rounds more. */
  public Scrape awaitRounds(int rounds) throws IOException {
    double until = scrape().value("leakwatch_rounds_total") + rounds;
    return await(rounds + " rounds", scrape -> scrape.value("leakwatch_rounds_total") >= until);
  }

  public String get(String path) throws IOException {
    return get(port(), path);
  }

  private static String get(int port, String path) throws IOException {
    return new String(bytes(port, path), StandardCharsets.UTF_8);
  }

  public byte[] bytes(String path) throws IOException {
    return bytes(port(), path);
  }

  private static byte[] bytes(int port, String path) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create("http://127.0.0.1:" + port + path).toURL().openConnection();
    connection.setConnectTimeout(10_000);
    connection.setReadTimeout(30_000);
    try (InputStream body = connection.getInputStream()) {
      return body.readAllBytes();
    }
  }

  /** Sends a signal, e.g. {@code HUP}. */
  public void signal(String name) {
    Tool.Result sent = Tool.run("", List.of("kill", "-" + name, Long.toString(process.pid())));
    if (sent.status() != 0) {
      throw new IllegalStateException(sent.output());
    }
  }

  /** Waits for its end; returns the exit status. */
  public int awaitEnd() {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("does not end: " + String.join("\n", log()));
      }
      reader.join();
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Kills it, as kill -9 does, and waits for its end. */
  @Override
  public void close() {
    process.destroyForcibly();
    awaitEnd();
  }
}
