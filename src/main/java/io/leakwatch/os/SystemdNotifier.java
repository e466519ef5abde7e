package io.leakwatch.os;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells systemd how this service is doing (sd_notify(3)): one datagram per message to the socket
 * that NOTIFY_SOCKET names. Where it is not set, nothing is sent. A message that does not get
 * through is no fault of ours and only answered with {@code false}.
 */
public final class SystemdNotifier {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 02000000;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int PATH_BYTES_MAX = 107;

  private final byte @Nullable [] address;
  private final Duration watchdog;

  private SystemdNotifier(byte @Nullable [] address, Duration watchdog) {
    this.address = address;
    this.watchdog = watchdog;
  }

  /** Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. */
  public static SystemdNotifier of(Map<String, String> environment, long ownPid) {
    String pid = environment.get("WATCHDOG_PID");
    String micros = environment.get("WATCHDOG_USEC");
    boolean ours = pid == null || pid.equals(Long.toString(ownPid));
    boolean set = ours && micros != null && micros.matches("[0-9]{1,15}");
    Duration watchdog = set ? Duration.ofNanos(Long.parseLong(micros) * 1000) : Duration.ZERO;
    return new SystemdNotifier(address(environment.get("NOTIFY_SOCKET")), watchdog);
  }

  /** Whether somebody listens. */
  public boolean isActive() {
    return address != null && NativeEdge.isAvailable();
  }

  /** How often systemd wants to hear from us at least; zero when it does not care. */
  public Duration watchdogInterval() {
    return watchdog;
  }

  /** The service is up, or has finished to reload. */
  public boolean ready() {
    return send("READY=1");
  }

  public boolean watchdog() {
    return send("WATCHDOG=1");
  }

  public boolean stopping() {
    return send("STOPPING=1");
  }

  /** A line for {@code systemctl status}. */
  public boolean status(String line) {
    return send("STATUS=" + line.replace('\n', ' '));
  }

  /**
   * A reload has begun.
   *
   * @param monotonicMicros CLOCK_MONOTONIC, which is {@code System.nanoTime() / 1000} on Linux
   */
  public boolean reloading(long monotonicMicros) {
    return send("RELOADING=1\nMONOTONIC_USEC=" + monotonicMicros);
  }

  /** Sends assignments, one a line; whether they were handed to the socket. */
  public boolean send(String assignments) {
    byte[] to = address;
    if (to == null || !NativeEdge.isAvailable()) {
      return false;
    }
    int descriptor = LibC.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
      return false;
    }
    byte[] bytes = assignments.getBytes(StandardCharsets.UTF_8);
    long sent = LibC.sendto(descriptor, bytes, bytes.length, MSG_NOSIGNAL, to, to.length);
    LibC.close(descriptor);
    return sent == bytes.length;
  }

  /** A sockaddr_un; a leading {@code @} means the abstract name space, a NUL byte there. */
  private static byte @Nullable [] address(@Nullable String socket) {
    if (socket == null || socket.isEmpty() || "@/".indexOf(socket.charAt(0)) < 0) {
      return null;
    }
    byte[] path = socket.getBytes(StandardCharsets.UTF_8);
    if (path.length > PATH_BYTES_MAX) {
      return null;
    }
    boolean hidden = path[0] == '@';
    if (hidden) {
      path[0] = 0;
    }
    return ByteBuffer.allocate(2 + path.length + (hidden ? 0 : 1))
        .order(ByteOrder.nativeOrder())
        .putShort((short) AF_UNIX)
        .put(path)
        .array();
  }
}
