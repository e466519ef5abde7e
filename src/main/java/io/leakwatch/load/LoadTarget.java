package io.leakwatch.load;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * Where one process is asked for its load.
 *
 * @param address empty where it is to be found among the sockets on which the process listens
 * @param problem why it cannot be asked, {@code ""} where it can
 * @param metrics names as the configuration has them; empty for the usual ones
 */
public record LoadTarget(Optional<URI> address, String problem, List<String> metrics) {
  public LoadTarget {
    metrics = List.copyOf(metrics);
  }
}
