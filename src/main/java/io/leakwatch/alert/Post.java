package io.leakwatch.alert;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** The way by which JSON goes to an address. */
public interface Post {

  /**
   * Sends it; returns why that failed, empty when it was accepted.
   *
   * @param timeout for the whole of it
   */
  Optional<String> send(URI address, String json, Duration timeout);
}
