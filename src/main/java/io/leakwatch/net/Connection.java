package io.leakwatch.net;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Bytes to and from a peer, in the clear or by TLS. */
sealed interface Connection extends AutoCloseable permits TimedSocket, TlsConnection {

  /** Sends all of it. */
  void send(ByteBuffer bytes) throws IOException;

  /** Waits for one byte at least, and takes what is there; negative at the end. */
  int receive(ByteBuffer into) throws IOException;

  @Override
  void close() throws IOException;
}
