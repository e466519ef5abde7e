package io.leakwatch.agent;

import io.leakwatch.gateway.ConnectionHandler;
import io.leakwatch.gateway.GatewaySettings;
import io.leakwatch.program.BuildVersion;
import io.leakwatch.program.CommandFailure;
import io.leakwatch.time.SystemThreads;
import io.leakwatch.time.SystemTime;
import io.leakwatch.time.Workers;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens on a Unix socket and serves a few connections at once; some more wait, further ones are
 * closed as they come. The socket is its owner's and group's.
 */
final class UnixListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(UnixListener.class);
  private static final int WAITING_PER_THREAD = 8;
  private static final long PAUSE_NANOS = 100_000_000;

  private final GatewaySettings settings;
  private final Path socket;
  private final ServerSocketChannel server;
  private final ConnectionHandler handler;
  private final Workers.Queue connections;

  private UnixListener(
      GatewaySettings settings,
      Path socket,
      ServerSocketChannel server,
      ConnectionHandler handler) {
    this.settings = settings;
    this.socket = socket;
    this.server = server;
    this.handler = handler;
    this.connections =
        SystemThreads.WORKERS.queue(
            "gateway", settings.maxConnections(), settings.maxConnections() * WAITING_PER_THREAD);
    Thread acceptor = new Thread(this::work, "gateway");
    acceptor.setDaemon(true);
    acceptor.start();
  }

  /**
   * Opens the socket and begins to serve.
   *
   * @throws CommandFailure with one line where that cannot be
   */
  static UnixListener open(GatewaySettings settings, Path socket, ConnectionHandler handler) {
    try {
      Files.deleteIfExists(socket);
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      try {
        server.bind(UnixDomainSocketAddress.of(socket), settings.maxConnections() * 2);
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
      } catch (IOException e) {
        server.close();
        throw e;
      }
      log.info("leakwatch {} listens on {}", BuildVersion.version(), socket);
      return new UnixListener(settings, socket, server, handler);
    } catch (IOException e) {
      throw CommandFailure.because(
          "cannot listen on " + socket + ": " + e.getMessage() + " (gateway)");
    }
  }

  /** What was read when the two processes began must stay the same in both. */
  void refuseChange(GatewaySettings next) {
    if (!next.equals(settings)) {
      throw CommandFailure.because("a change of `gateway` needs a restart");
    }
  }

  private void work() {
    while (server.isOpen()) {
      try {
        take(server.accept());
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) { // No descriptor is left, for example.
        log.warn("{} cannot accept a connection: {}", socket, e.getMessage());
        SystemTime.TIME.pause(PAUSE_NANOS);
      }
    }
  }

  private void take(SocketChannel caller) throws IOException {
    if (!connections.offer(() -> serve(caller))) {
      caller.close();
    }
  }

  private void serve(SocketChannel caller) {
    try (caller) {
      handler.serve(caller);
    } catch (IOException e) {
      log.debug("a connection to {} ended: {}", socket, e.getMessage());
    } catch (RuntimeException e) { // What one caller says must not end the service of others.
      log.error("a connection to {} was closed: internal error", socket, e);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      log.warn("cannot remove {}: {}", socket, e.getMessage());
    }
    connections.close();
  }
}
