package io.leakwatch.harness;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLSocket;

/** A server on the loopback that does something wrong to whoever calls, until it is closed. */
public final class HostileServer implements AutoCloseable {
  private static final int DRIP_MILLIS = 20;
  private static final int RECEIVE_BYTES = 4096;

  private final ServerSocket socket;
  private final CountDownLatch ended = new CountDownLatch(1);

  /** What it does; the names say it. */
  public enum Habit {
    NEVER_ANSWERS,
    NEVER_READS,
    DRIPS_ITS_HEAD,
    DRIPS_ITS_BODY,
    DRIPS_AN_ERROR,
    ENDLESS_HEAD,
    ENDLESS_BODY,
    ENDLESS_ERROR,
    ENDLESS_INTERIM_HEADS,
    ENDLESS_CHUNK_LINE
  }

  private HostileServer(ServerSocket socket) {
    this.socket = socket;
  }

  public static HostileServer start(Habit habit) {
    return start(habit, ServerSocketFactory.getDefault());
  }

  /**
   * @param sockets that shake hands by TLS, for example
   */
  public static HostileServer start(Habit habit, ServerSocketFactory sockets) {
    try {
      ServerSocket socket = sockets.createServerSocket();
      socket.setReceiveBufferSize(RECEIVE_BYTES); // What is not read stays with the sender.
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      HostileServer server = new HostileServer(socket);
      Thread thread = new Thread(() -> server.work(habit), "hostile server");
      thread.setDaemon(true);
      thread.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return socket.getLocalPort();
  }

  private void work(Habit habit) {
    while (!socket.isClosed()) {
      try (Socket caller = socket.accept()) {
        answer(habit, caller);
      } catch (IOException e) {
        continue; // The caller has had enough, or the test is over.
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void answer(Habit habit, Socket caller) throws IOException, InterruptedException {
    OutputStream out = caller.getOutputStream();
    if (caller instanceof SSLSocket tls) {
      tls.startHandshake();
    }
    switch (habit) {
      case NEVER_ANSWERS -> {
        InputStream in = caller.getInputStream();
        int count = 0;
        while (count >= 0) {
          count = in.read(new byte[8192]);
        }
      }
      case NEVER_READS -> ended.await();
      case DRIPS_ITS_HEAD -> repeat(out, "HTTP/1.1 200 OK\r\nX: ", "a", DRIP_MILLIS);
      case DRIPS_ITS_BODY -> repeat(out, "HTTP/1.1 200 OK\r\n\r\n", "a", DRIP_MILLIS);
      case DRIPS_AN_ERROR ->
          repeat(out, "HTTP/1.1 500 No\r\nContent-Length: 400\r\n\r\n", "a", DRIP_MILLIS);
      case ENDLESS_HEAD -> repeat(out, "HTTP/1.1 200 OK\r\n", "X: y\r\n".repeat(1000), 0);
      case ENDLESS_BODY -> repeat(out, "HTTP/1.1 200 OK\r\n\r\n", "body".repeat(2000), 0);
      case ENDLESS_ERROR -> repeat(out, "HTTP/1.1 500 No\r\n\r\n", "body".repeat(2000), 0);
      case ENDLESS_INTERIM_HEADS -> repeat(out, "", "HTTP/1.1 100 Continue\r\n\r\n", 1);
      case ENDLESS_CHUNK_LINE ->
          repeat(
              out, "HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x".repeat(8000), 0);
    }
  }

  private void repeat(OutputStream out, String begin, String again, int pauseMillis)
      throws IOException, InterruptedException {
    out.write(begin.getBytes(ISO_8859_1));
    byte[] bytes = again.getBytes(ISO_8859_1);
    while (!ended.await(pauseMillis, TimeUnit.MILLISECONDS)) {
      out.write(bytes);
    }
  }

  @Override
  public void close() throws IOException {
    ended.countDown();
    socket.close();
  }
}
