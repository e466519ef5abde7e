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
    try (FrameChannel channel = new FrameChannel(caller, settings.timeout())) {
      switch (channel.text()) {
        case GatewayOutbound.GET -> get(channel);
        case GatewayOutbound.POST -> post(channel);
        case GatewayOutbound.NETWORK -> {
          Outbound.Network own = network.network();
          channel.put(own.name());
          channel.put(own.problem());
        }
        default -> throw new IOException("a call of an unknown type");
      }
      channel.flush();
    }
  }

  private static URI address(FrameChannel channel) throws IOException {
    try {
      return URI.create(channel.text());
    } catch (IllegalArgumentException e) {
      throw new IOException(e);
    }
  }

  /** The time that the agent gives to a call; the conversation has a little more than it. */
  private static Duration timeout(FrameChannel channel) throws IOException {
    Duration timeout = Duration.ofMillis(channel.number(1, GatewayOutbound.CALL_MILLIS_MAX));
    channel.extend(GatewayOutbound.patience(timeout));
    return timeout;
  }

  private void post(FrameChannel channel) throws IOException {
    URI address = address(channel);
    Duration timeout = timeout(channel);
    byte[] json = channel.bytes(GatewayOutbound.POST_BYTES_MAX);
    Optional<String> failure = permits.get().refusePost(address);
    if (failure.isEmpty()) {
      failure = network.send(address, new String(json, StandardCharsets.UTF_8), timeout);
    }
    channel.put(failure.orElse(""));
  }

  private void get(FrameChannel channel) throws IOException {
    URI address = address(channel);
    Duration timeout = timeout(channel);
    long bytesMax = channel.number();
    AllowedCalls now = permits.get();
    Optional<String> failure = now.refuseGet(address);
    if (failure.isEmpty()) {
      Listener listener = new Listener(channel);
      failure = network.get(address, timeout, Math.min(bytesMax, now.answerBytesMax()), listener);
    }
    channel.put(0);
    channel.put(failure.orElse(""));
  }

  /** Passes pieces on; the call ends when the agent wants no more. */
  private static final class Listener implements HttpGet.Sink {
    private final FrameChannel channel;

    Listener(FrameChannel channel) {
      this.channel = channel;
    }

    @Override
    public boolean accept(byte[] bytes, int from, int to) {
      try {
        if (to > from) {
          channel.put(bytes, from, to);
          channel.flush();
        }
        return true;
      } catch (IOException e) {
        return false;
      }
    }
  }
}
