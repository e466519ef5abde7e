package io.leakwatch.export.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who may hash a password now. A hash is slow on purpose, so two run at once, one of them for each
 * client; a few more wait for a moment, and further ones are sent away. A client is an IPv4 address
 * or the /64 network of an IPv6 address, which is what one customer has. So guesses from one
 * address hold up others by one hash at most, and those from eight are needed to fill the queue.
 */
final class HashQueue {
  private static final int AT_ONCE = 2;
  private static final int CLIENT_MAX = 4;
  private static final int ALL_MAX = 32;
  private static final int NETWORK_BYTES = 8;
  private static final long WAIT_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ReentrantLock lock = new ReentrantLock(true);
  private final Condition left = lock.newCondition();
  private final Set<String> hashing = new HashSet<>();
  private final Map<String, Integer> inside = new HashMap<>();
  private int all;

  /** Waits for a place, a second at most; without one there is nothing to leave. */
  boolean enter(InetAddress from) {
    String client = client(from);
    lock.lock();
    try {
      int others = inside.getOrDefault(client, 0);
      if (others == CLIENT_MAX || all == ALL_MAX) {
        return false;
      }
      inside.put(client, others + 1);
      all++;
      boolean entered = false;
      try {
        entered = await(client);
        return entered;
      } finally {
        if (!entered) {
          forget(client);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean await(String client) {
    long nanos = WAIT_NANOS;
    while (hashing.size() == AT_ONCE || hashing.contains(client)) {
      if (nanos <= 0) {
        return false;
      }
      try {
        nanos = left.awaitNanos(nanos);
      } catch (InterruptedException e) { // The port is being closed.
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return hashing.add(client);
  }

  /** Gives the place to the next. */
  void leave(InetAddress from) {
    String client = client(from);
    lock.lock();
    try {
      hashing.remove(client);
      forget(client);
      left.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void forget(String client) {
    inside.computeIfPresent(client, (name, count) -> count == 1 ? null : count - 1);
    all--;
  }

  private static String client(InetAddress from) {
    byte[] address = from.getAddress();
    return HexFormat.of()
        .formatHex(from instanceof Inet6Address ? Arrays.copyOf(address, NETWORK_BYTES) : address);
  }
}
