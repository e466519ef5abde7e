package io.leakwatch.gateway;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** What is behind a Unix socket. */
public interface ConnectionHandler {

  /** Serves one connection and closes it; returns in bounded time. For any thread. */
  void serve(SocketChannel caller) throws IOException;
}
