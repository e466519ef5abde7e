package io.leakwatch.app;

import io.leakwatch.config.Configuration;
import io.leakwatch.export.ProcessList;
import io.leakwatch.export.Response;
import io.leakwatch.gateway.GatewaySettings;
import io.leakwatch.gateway.RemoteAnswers;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The agent that runs on this node, asked over its Unix socket where there is one that this user
 * may open, else at its port. What answers there may be somebody else, so its answer is bounded in
 * time and length, and is read as it comes.
 */
final class AskedAgent implements TopSource {
  private static final String PATH = "/api/v1/processes";
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int ANSWER_BYTES_MAX = 64 << 20;

  private final Path socket;
  private final RemoteAnswers overSocket;
  private final String address;
  private String words;

  AskedAgent(Configuration configuration) {
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
    if (Files.isWritable(socket)) {
      AtomicReference<Response> answer = new AtomicReference<>();
      overSocket.answer(PATH, "", answer::set);
      Response response = answer.get();
      if (response != null && response.status() == HttpURLConnection.HTTP_OK) {
        words = "the agent at " + socket;
        return read(new ByteArrayInputStream(response.body()));
      }
    }
    words = "the agent at " + address;
    try {
      return askPort();
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException("no agent answers at " + address + ": " + e.getMessage(), e);
    }
  }

  private ProcessList askPort() throws IOException {
    URI uri = URI.create("http://" + address + PATH);
    if (!(uri.toURL().openConnection(Proxy.NO_PROXY) instanceof HttpURLConnection connection)) {
      throw new IOException("no http address");
    }
    try {
      int millis = (int) PATIENCE.toMillis();
      connection.setConnectTimeout(millis);
      connection.setReadTimeout(millis);
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      int status = connection.getResponseCode();
      if (status != HttpURLConnection.HTTP_OK) {
        throw new IOException(
            "it refuses with status " + status + (status == 401 ? " (a password is set up)" : ""));
      }
      try (InputStream body = connection.getInputStream()) {
        return read(new BoundedStream(body, System.nanoTime() + PATIENCE.toNanos()));
      }
    } finally {
      connection.disconnect();
    }
  }

  private static ProcessList read(InputStream body) throws IOException {
    return ProcessList.read(new InputStreamReader(body, StandardCharsets.UTF_8));
  }

  @Override
  public void close() {}

  /** Ends with an error after a time and after a number of bytes. */
  private static final class BoundedStream extends FilterInputStream {
    private final long deadlineNanos;
    private long taken;

    BoundedStream(InputStream in, long deadlineNanos) {
      super(in);
      this.deadlineNanos = deadlineNanos;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      taken += Math.max(0, count);
      if (taken > ANSWER_BYTES_MAX) {
        throw new IOException("its answer is longer than " + ANSWER_BYTES_MAX + " bytes");
      }
      if (System.nanoTime() - deadlineNanos > 0) {
        throw new IOException("no whole answer within " + PATIENCE.toSeconds() + " s");
      }
      return count;
    }
  }
}
