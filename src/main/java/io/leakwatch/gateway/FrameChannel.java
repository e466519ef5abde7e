package io.leakwatch.gateway;

import io.leakwatch.net.TimedSocket;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;

/**
 * One conversation over a Unix socket: numbers of eight bytes and byte strings behind their length,
 * each of a greatest length that the reader names, and all of it until a deadline. The other side
 * may be somebody else's by now, so nothing it says is taken on trust.
 */
final class FrameChannel implements AutoCloseable {
  private static final int BUFFER_BYTES = 4096;
  private static final int TEXT_BYTES_MAX = 8 << 10;

  private final TimedSocket socket;
  private final ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
  private final ByteBuffer out = ByteBuffer.allocate(BUFFER_BYTES);

  /** Goes on with a connection that was accepted, and closes it in the end. */
  FrameChannel(SocketChannel channel, Duration timeout) throws IOException {
    this.socket = new TimedSocket(channel, timeout);
  }

  /** Calls whoever listens on a socket. */
  static FrameChannel call(Path socket, Duration timeout) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.configureBlocking(false); // Who takes no calls is not waited for.
      if (!channel.connect(UnixDomainSocketAddress.of(socket))) {
        throw new IOException("too many calls are queued");
      }
      return new FrameChannel(channel, timeout);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Sets the deadline again. */
  void extend(Duration timeout) {
    socket.extend(timeout);
  }

  void put(long number) throws IOException {
    if (out.remaining() < Long.BYTES) {
      flush();
    }
    out.putLong(number);
  }

  void put(String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    put(bytes, 0, bytes.length);
  }

  void put(byte[] bytes, int from, int to) throws IOException {
    put(to - from);
    putRaw(bytes, from, to);
  }

  /** Bytes without their length before them. */
  void putRaw(byte[] bytes, int from, int to) throws IOException {
    if (to - from <= out.remaining()) {
      out.put(bytes, from, to - from);
    } else {
      flush();
      socket.send(ByteBuffer.wrap(bytes, from, to - from));
    }
  }

  /** Sends what was put so far. */
  void flush() throws IOException {
    socket.send(out.flip());
    out.clear();
  }

  long number() throws IOException {
    return ByteBuffer.wrap(take(Long.BYTES)).getLong();
  }

  /** A number that must lie between bounds. */
  int number(long min, long max) throws IOException {
    long number = number();
    if (number < min || number > max) {
      throw new IOException("a number out of range: " + number);
    }
    return (int) number;
  }

  String text() throws IOException {
    return new String(bytes(TEXT_BYTES_MAX), StandardCharsets.UTF_8);
  }

  /** A byte string, no longer than that. */
  byte[] bytes(int max) throws IOException {
    return take(number(0, max));
  }

  /** So many bytes without a length before them. */
  byte[] take(int count) throws IOException {
    byte[] taken = new byte[count];
    int have = 0;
    while (have < count) {
      if (!in.hasRemaining()) {
        receive();
      }
      int piece = Math.min(in.remaining(), count - have);
      in.get(taken, have, piece);
      have += piece;
    }
    return taken;
  }

  private void receive() throws IOException {
    in.clear();
    try {
      if (socket.receive(in) < 0) {
        throw new EOFException("it closed the connection");
      }
    } finally {
      in.flip();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
