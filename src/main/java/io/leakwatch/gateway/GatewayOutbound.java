package io.leakwatch.gateway;

import io.leakwatch.load.HttpGet;
import io.leakwatch.text.Quantity;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The agent's side of the gateway's socket: one call for each connection. */
public final class GatewayOutbound implements Outbound {
  static final String GET = "get";
  static final String POST = "post";
  static final String NETWORK = "network";
  static final int POST_BYTES_MAX = 2 << 20;
  static final int CALL_MILLIS_MAX = 600_000;
  static final int PIECE_BYTES_MAX = 64 << 10;

  /** For the gateway to say that it has waited in vain, before the agent does. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final Path socket;

  public GatewayOutbound(GatewaySettings settings) {
    this.socket = settings.outletSocket();
  }

  /** How long a call may take in all. */
  static Duration patience(Duration timeout) {
    return timeout.plus(GRACE);
  }

  private interface Exchange {
    String with(FrameChannel channel) throws IOException;
  }

  private Optional<String> exchange(Duration timeout, Exchange exchange) {
    try (FrameChannel channel = FrameChannel.call(socket, patience(timeout))) {
      String problem = exchange.with(channel);
      return problem.isEmpty() ? Optional.empty() : Optional.of(problem);
    } catch (SocketTimeoutException e) {
      return Optional.of("the gateway does not answer in time");
    } catch (IOException e) {
      return Optional.of("the gateway does not answer: " + e.getMessage());
    }
  }

  @Override
  public Optional<String> send(URI address, String json, Duration timeout) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    if (body.length > POST_BYTES_MAX) {
      return Optional.of(
          "longer than the " + Quantity.size(POST_BYTES_MAX) + " that a gateway sends");
    }
    return exchange(
        timeout,
        channel -> {
          channel.put(POST);
          channel.put(address.toString());
          channel.put(Math.min(CALL_MILLIS_MAX, Math.max(1, timeout.toMillis())));
          channel.put(body, 0, body.length);
          channel.flush();
          return channel.text();
        });
  }

  @Override
  public Optional<String> get(URI address, Duration timeout, long bytesMax, HttpGet.Sink sink) {
    return exchange(
        timeout,
        channel -> {
          channel.put(GET);
          channel.put(address.toString());
          channel.put(Math.min(CALL_MILLIS_MAX, Math.max(1, timeout.toMillis())));
          channel.put(bytesMax);
          channel.flush();
          return body(channel, bytesMax, sink);
        });
  }

  private static String body(FrameChannel channel, long bytesMax, HttpGet.Sink sink)
      throws IOException {
    long taken = 0;
    while (true) {
      byte[] piece = channel.bytes(PIECE_BYTES_MAX);
      if (piece.length == 0) {
        return channel.text();
      }
      taken += piece.length;
      if (taken > bytesMax) {
        return "its answer is longer than " + Quantity.size(bytesMax);
      }
      if (!sink.accept(piece, 0, piece.length)) {
        return "";
      }
    }
  }

  @Override
  public Network network() {
    String[] name = {""};
    Optional<String> problem =
        exchange(
            GRACE,
            channel -> {
              channel.put(NETWORK);
              channel.flush();
              name[0] = channel.text();
              return channel.text();
            });
    return new Network(name[0], problem.orElse(""));
  }
}
