package io.leakwatch.app;

import io.leakwatch.config.Configuration;
import io.leakwatch.export.Answers;
import io.leakwatch.gateway.AnswerDoor;
import io.leakwatch.gateway.DirectOutlet;
import io.leakwatch.gateway.Outlet;
import io.leakwatch.gateway.RemoteOutlet;
import java.nio.file.Path;

/** How the agent is reached, and reaches others. */
sealed interface Reach extends AutoCloseable {

  Outlet outlet();

  /**
   * Follows a new configuration.
   *
   * @throws CommandFailure with one line, when it cannot; all is then as it was
   */
  void move(Configuration next);

  @Override
  void close();

  /** By a port and a network of its own. */
  final class Direct implements Reach {
    private final Port port;
    private final Outlet outlet;

    Direct(Configuration configuration, Answers answers, Path procRoot) {
      port = Port.open(configuration.export(), answers);
      outlet = new DirectOutlet(procRoot);
    }

    @Override
    public Outlet outlet() {
      return outlet;
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
  final class OverGateway implements Reach {
    private final UnixListener listener;
    private final Outlet outlet;

    OverGateway(Configuration configuration, Answers answers) {
      listener =
          UnixListener.open(
              configuration.gateway(),
              configuration.gateway().agentSocket(),
              new AnswerDoor(configuration.gateway(), answers));
      outlet = new RemoteOutlet(configuration.gateway());
    }

    @Override
    public Outlet outlet() {
      return outlet;
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
