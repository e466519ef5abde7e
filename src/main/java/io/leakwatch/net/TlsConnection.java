package io.leakwatch.net;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/**
 * TLS over a socket, as its client: certificates are trusted as the JVM's trust store says, and
 * must be for the host that was called. The handshake has the socket's deadline too.
 */
final class TlsConnection implements Connection {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  /** By default 20,480 of them are kept for a day, and each connection makes new ones. */
  private static final int SESSIONS_MAX = 16;

  private final TimedSocket socket;
  private final SSLEngine engine;

  /** What came and is still to be decrypted, ready to be read. */
  private final ByteBuffer in;

  /** What was decrypted and is still to be taken, ready to be read. */
  private final ByteBuffer plain;

  private final ByteBuffer out;

  /** Shakes hands; closes the socket where that fails. */
  TlsConnection(TimedSocket socket, String host, int port) throws IOException {
    this.socket = socket;
    try {
      this.engine = engine(host, port);
      int packetBytes = engine.getSession().getPacketBufferSize();
      this.in = ByteBuffer.allocate(packetBytes).limit(0);
      this.out = ByteBuffer.allocate(packetBytes);
      this.plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).limit(0);
      engine.beginHandshake();
      while (isHandshaking()) {
        if (!step()) {
          throw hangsUp();
        }
      }
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private static SSLEngine engine(String host, int port) throws IOException {
    try {
      SSLContext context = SSLContext.getDefault();
      context.getClientSessionContext().setSessionCacheSize(SESSIONS_MAX);
      SSLEngine engine = context.createSSLEngine(host, port);
      engine.setUseClientMode(true);
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      engine.setSSLParameters(parameters);
      return engine;
    } catch (NoSuchAlgorithmException e) {
      throw new SSLException("it does not speak TLS: " + e.getMessage(), e);
    }
  }

  private boolean isHandshaking() {
    HandshakeStatus status = engine.getHandshakeStatus();
    return status != HandshakeStatus.FINISHED && status != HandshakeStatus.NOT_HANDSHAKING;
  }

  /** Does what comes next; false where the peer has ended. */
  private boolean step() throws IOException {
    switch (engine.getHandshakeStatus()) {
      case NEED_TASK -> {
        for (Runnable task = engine.getDelegatedTask();
            task != null;
            task = engine.getDelegatedTask()) {
          task.run();
        }
        return true;
      }
      case NEED_WRAP -> {
        return wrap(NOTHING);
      }
      default -> {
        return unwrap();
      }
    }
  }

  private boolean wrap(ByteBuffer bytes) throws IOException {
    out.clear();
    SSLEngineResult result = engine.wrap(bytes, out);
    if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
      throw new SSLException("a packet is longer than allowed");
    }
    socket.send(out.flip());
    return result.getStatus() != SSLEngineResult.Status.CLOSED;
  }

  private boolean unwrap() throws IOException {
    plain.compact();
    SSLEngineResult result = engine.unwrap(in, plain);
    plain.flip();
    switch (result.getStatus()) {
      case BUFFER_UNDERFLOW -> {
        in.compact();
        int count = socket.receive(in);
        in.flip();
        if (count < 0) { // Who ends says so; else somebody else may have cut it off.
          throw hangsUp();
        }
        return true;
      }
      case BUFFER_OVERFLOW -> throw new SSLException("a packet is longer than allowed");
      case CLOSED -> {
        return false;
      }
      case OK -> {
        return true;
      }
    }
    throw new IllegalStateException(result.toString());
  }

  private EOFException hangsUp() {
    return new EOFException(
        isHandshaking()
            ? "it closed the connection in the TLS handshake"
            : "it closed the connection");
  }

  @Override
  public void send(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (!wrap(bytes)) {
        throw hangsUp();
      }
    }
  }

  @Override
  public int receive(ByteBuffer into) throws IOException {
    while (!plain.hasRemaining()) {
      if (!step()) {
        return -1;
      }
    }
    int count = Math.min(plain.remaining(), into.remaining());
    into.put(plain.slice().limit(count));
    plain.position(plain.position() + count);
    return count;
  }

  /** Says that it ends, as far as the peer still listens. */
  @Override
  public void close() throws IOException {
    try (socket) {
      engine.closeOutbound();
      wrap(NOTHING);
    } catch (IOException e) {
      return; // It was at an end anyway.
    }
  }
}
