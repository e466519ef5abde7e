package io.leakwatch.agent;

import io.leakwatch.config.Configuration;
import io.leakwatch.export.http.Answers;
import io.leakwatch.gateway.AnswerHandler;
import io.leakwatch.gateway.DirectOutbound;
import io.leakwatch.gateway.GatewayOutbound;
import io.leakwatch.gateway.Outbound;
import io.leakwatch.program.CommandFailure;
import java.nio.file.Path;

/** How the agent is reached, and reaches others. */
sealed interface NetworkAccess extends AutoCloseable {

  Outbound outbound();

  /**
   * Follows a new configuration.
   *
   * @throws CommandFailure with one line, when it cannot; all is then as it was
   */
  void move(Configuration next);

  @Override
  void close();

  /** By a port and a network of its own. */
  final class Direct implements NetworkAccess {
    private final HttpPort port;
    private final Outbound outbound;

    Direct(Configuration configuration, Answers answers, Path procRoot) {
      port = HttpPort.open(configuration.export(), answers);
      outbound = new DirectOutbound(procRoot);
    }

    @Override
    public Outbound outbound() {
      return outbound;
    }

    @Override
    public void move(Configuration next) {
      port.move(next.export());
    }

    @Override
    public void close() {
      port.close();
    }
  }

  /** By the sockets between it and a gateway. */
  final class OverGateway implements NetworkAccess {
    private final UnixListener listener;
    private final Outbound outbound;

    OverGateway(Configuration configuration, Answers answers) {
      listener =
          UnixListener.open(
              configuration.gateway(),
              configuration.gateway().agentSocket(),
              new AnswerHandler(configuration.gateway(), answers));
      outbound = new GatewayOutbound(configuration.gateway());
    }

    @Override
    public Outbound outbound() {
      return outbound;
    }

    @Override
    public void move(Configuration next) {
      listener.refuseChange(next.gateway());
    }

    @Override
    public void close() {
      listener.close();
    }
  }
}
