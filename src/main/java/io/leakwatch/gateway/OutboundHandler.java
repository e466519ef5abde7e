package io.leakwatch.gateway;

import io.leakwatch.load.HttpGet;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The gateway's side of its own socket. It sends for the agent what its own configuration permits,
 * and to nobody else.
 */
public final class OutboundHandler implements ConnectionHandler {
  private final GatewaySettings settings;
  private final Outbound network;
  private final Supplier<AllowedCalls> permits;

  /**
   * @param network the way out of this process
   * @param permits what the configuration permits now
   */
  public OutboundHandler(
      GatewaySettings settings, Outbound network, Supplier<AllowedCalls> permits) {
    this.settings = settings;
    this.network = network;
    this.permits = permits;
  }

  @Override
  public void serve(SocketChannel caller) throws IOException {
    try (FrameChannel wire = new FrameChannel(caller, settings.timeout())) {
      switch (wire.text()) {
        case GatewayOutbound.GET -> get(wire);
        case GatewayOutbound.POST -> post(wire);
        case GatewayOutbound.NETWORK -> {
          Outbound.Network own = network.network();
          wire.put(own.name());
          wire.put(own.problem());
        }
        default -> throw new IOException("a call of an unknown type");
      }
      wire.flush();
    }
  }

  private static URI address(FrameChannel wire) throws IOException {
    try {
      return URI.create(wire.text());
    } catch (IllegalArgumentException e) {
      throw new IOException(e);
    }
  }

  /** The time that the agent gives to a call; the conversation has a little more than it. */
  private static Duration timeout(FrameChannel wire) throws IOException {
    Duration timeout = Duration.ofMillis(wire.number(1, GatewayOutbound.CALL_MILLIS_MAX));
    wire.extend(GatewayOutbound.patience(timeout));
    return timeout;
  }

  private void post(FrameChannel wire) throws IOException {
    URI address = address(wire);
    Duration timeout = timeout(wire);
    byte[] json = wire.bytes(GatewayOutbound.POST_BYTES_MAX);
    Optional<String> failure = permits.get().refusePost(address);
    if (failure.isEmpty()) {
      failure = network.send(address, new String(json, StandardCharsets.UTF_8), timeout);
    }
    wire.put(failure.orElse(""));
  }

  private void get(FrameChannel wire) throws IOException {
    URI address = address(wire);
    Duration timeout = timeout(wire);
    long bytesMax = wire.number();
    AllowedCalls now = permits.get();
    Optional<String> failure = now.refuseGet(address);
    if (failure.isEmpty()) {
      Listener listener = new Listener(wire);
      failure = network.get(address, timeout, Math.min(bytesMax, now.answerBytesMax()), listener);
    }
    wire.put(0);
    wire.put(failure.orElse(""));
  }

  /** Passes pieces on; the call ends when the agent wants no more. */
  private static final class Listener implements HttpGet.Sink {
    private final FrameChannel wire;

    Listener(FrameChannel wire) {
      this.wire = wire;
    }

    @Override
    public boolean accept(byte[] bytes, int from, int to) {
      try {
        if (to > from) {
          wire.put(bytes, from, to);
          wire.flush();
        }
        return true;
      } catch (IOException e) {
        return false;
      }
    }
  }
}
