package io.leakwatch.net;

import io.leakwatch.text.Quantity;
import io.leakwatch.time.SystemTime;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * A socket whose connecting, reads and writes all end at one deadline. A blocking socket of Java
 * knows a timeout for each read, none for a write and none for the whole, and a Unix socket none at
 * all; hence the selector. What ends later is a {@link SocketTimeoutException}.
 *
 * <p>A name is looked up by the system's resolver before that, which no deadline can end: with name
 * servers that do not answer it takes as long as resolv.conf says, by default 10 s for each. The
 * time counts, so that nothing is sent after it, and costs the thread that calls, no other.
 */
public final class TimedSocket implements Connection {
  /** The JDK keeps a direct buffer of the greatest size for each thread. */
  private static final int PIECE_BYTES = 16 << 10;

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private Duration timeout;
  private long deadlineNanos;

  /** Goes on with a channel, which this closes in the end. */
  public TimedSocket(SocketChannel channel, Duration timeout) throws IOException {
    this(channel, timeout, SystemTime.TIME.nanos() + timeout.toNanos());
  }

  private TimedSocket(SocketChannel channel, Duration timeout, long deadlineNanos)
      throws IOException {
    this.channel = channel;
    this.timeout = timeout;
    this.deadlineNanos = deadlineNanos;
    try {
      channel.configureBlocking(false);
      this.selector = Selector.open();
      this.key = channel.register(selector, 0);
    } catch (IOException e) { // No descriptor is left, for example.
      channel.close();
      throw e;
    }
  }

  /**
   * Connects by TCP.
   *
   * @param host a name or an address
   */
  public static TimedSocket connect(String host, int port, Duration timeout) throws IOException {
    long deadlineNanos = SystemTime.TIME.nanos() + timeout.toNanos();
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      throw new UnknownHostException("no such host: " + host);
    }
    TimedSocket socket = new TimedSocket(SocketChannel.open(), timeout, deadlineNanos);
    try {
      if (SystemTime.TIME.nanos() - deadlineNanos >= 0) {
        throw socket.late();
      }
      socket.connect(address);
      return socket;
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  private void connect(InetSocketAddress address) throws IOException {
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    boolean connected = channel.connect(address);
    while (!connected) {
      await(SelectionKey.OP_CONNECT);
      connected = channel.finishConnect();
    }
  }

  /** Sets the deadline again. */
  public void extend(Duration more) {
    timeout = more;
    deadlineNanos = SystemTime.TIME.nanos() + more.toNanos();
  }

  @Override
  public void send(ByteBuffer bytes) throws IOException {
    int end = bytes.limit();
    while (bytes.position() < end) {
      bytes.limit(Math.min(end, bytes.position() + PIECE_BYTES));
      if (channel.write(bytes) == 0) {
        await(SelectionKey.OP_WRITE);
      }
    }
  }

  @Override
  public int receive(ByteBuffer into) throws IOException {
    int count = channel.read(into);
    while (count == 0) {
      await(SelectionKey.OP_READ);
      count = channel.read(into);
    }
    return count;
  }

  private void await(int operation) throws IOException {
    long millis = (deadlineNanos - SystemTime.TIME.nanos()) / 1_000_000;
    key.interestOps(operation);
    if (millis <= 0 || selector.select(millis) == 0) { // The time is over, or we are interrupted.
      throw late();
    }
    selector.selectedKeys().clear();
  }

  private SocketTimeoutException late() {
    return new SocketTimeoutException("no whole answer within " + Quantity.duration(timeout));
  }

  @Override
  public void close() throws IOException {
    try (selector) {
      channel.close();
    }
  }
}
