package io.leakwatch.gateway;

import io.leakwatch.alert.Post;
import io.leakwatch.load.HttpGet;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/** All that the agent sends out: alerts, and questions for the load of a process. */
public interface Outbound extends Post {

  /**
   * Asks, and gives the body of a 200 to the sink as it comes.
   *
   * @param timeout for the whole answer
   * @param bytesMax of a body
   * @return why there is no whole body, empty when there is
   */
  Optional<String> get(URI address, Duration timeout, long bytesMax, HttpGet.Sink sink);

  /** The network namespace that calls are made from, as {@code /proc/PID/ns/net} names it. */
  Network network();

  /**
   * A network namespace, or why it is not known.
   *
   * @param name {@code ""} where it is not
   * @param problem {@code ""} where it is
   */
  record Network(String name, String problem) {}
}
