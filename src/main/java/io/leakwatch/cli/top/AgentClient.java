package io.leakwatch.cli.top;

import io.leakwatch.config.Configuration;
import io.leakwatch.export.http.Request;
import io.leakwatch.export.http.Response;
import io.leakwatch.export.table.ProcessList;
import io.leakwatch.export.table.StripReader;
import io.leakwatch.gateway.GatewaySettings;
import io.leakwatch.gateway.RemoteAnswers;
import io.leakwatch.heap.HeapStrips;
import io.leakwatch.load.HttpGet;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The agent that runs on this node, asked over its Unix socket where there is one that this user
 * may open, else at its port. What answers there may be somebody else, so its answer is bounded in
 * time and length, and is read as it comes.
 */
final class AgentClient implements TopSource {
  private static final String PATH = "/api/v1/processes";
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int ANSWER_BYTES_MAX = 64 << 20;
  private static final int OK = 200;

  private final Path socket;
  private final RemoteAnswers overSocket;
  private final String address;
  private final boolean locked;
  private final Duration patience;
  private String words;

  AgentClient(Configuration configuration) {
    this(configuration, PATIENCE);
  }

  /**
   * @param patience for a whole answer
   */
  AgentClient(Configuration configuration, Duration patience) {
    this.patience = patience;
    this.locked = !configuration.export().webConfigFile().toString().isEmpty();
    GatewaySettings gateway = configuration.gateway();
    this.socket = gateway.agentSocket();
    this.overSocket = new RemoteAnswers(gateway);
    this.address = address(configuration.export().listenAddress());
    this.words = "the agent at " + address;
  }

  /** Where a listen address is reached from the node itself. */
  static String address(String listen) {
    int colon = listen.lastIndexOf(':');
    String host = colon < 0 ? "" : listen.substring(0, colon);
    boolean everywhere =
        host.isEmpty() || host.equals("0.0.0.0") || host.equals("[::]") || host.equals("::");
    return (everywhere ? "127.0.0.1" : host) + ":" + listen.substring(colon + 1);
  }

  @Override
  public String words() {
    return words;
  }

  @Override
  public ProcessList ask() throws IOException {
    return ask(PATH, ProcessList::read);
  }

  @Override
  public HeapStrips heaps(String process) throws IOException {
    String name = URLEncoder.encode(process, StandardCharsets.UTF_8).replace("+", "%20");
    return ask(PATH + "/" + name + "/heap", StripReader::read);
  }

  /** What is made of an answer as it comes. */
  private interface Reading<T> {
    T of(Reader text) throws IOException;
  }

  private <T> T ask(String path, Reading<T> reading) throws IOException {
    if (Files.isWritable(socket)) {
      AtomicReference<@Nullable T> taken = new AtomicReference<>();
      overSocket.answer(Request.of(path), response -> taken.set(take(response, reading)));
      T answer = taken.get();
      if (answer != null) {
        words = "the agent at " + socket;
        return answer;
      }
    }
    words = "the agent at " + address;
    URI uri = URI.create("http://" + address + path);
    try (InputStream body = HttpGet.open(uri, patience, ANSWER_BYTES_MAX)) {
      return read(body, reading);
    } catch (IOException e) {
      throw new IOException(why(e), e);
    }
  }

  private static <T> @Nullable T take(Response response, Reading<T> reading) throws IOException {
    if (response.status() != OK) {
      return null;
    }
    try (InputStream body = response.body().plain()) {
      return read(body, reading);
    }
  }

  /** Why the port does not do, and what does. */
  private String why(IOException e) {
    String what =
        "no agent answers at %s%s: %s"
            .formatted(address, locked ? " without TLS or password" : "", e.getMessage());
    return Files.isWritable(socket) || Files.notExists(socket)
        ? what
        : what + "; as root, top asks it at " + socket;
  }

  private static <T> T read(InputStream body, Reading<T> reading) throws IOException {
    return reading.of(new InputStreamReader(body, StandardCharsets.UTF_8));
  }

  @Override
  public void close() {}
}
