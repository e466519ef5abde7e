package io.leakwatch.app;

import io.leakwatch.export.LoadView;
import io.leakwatch.gateway.Outlet;
import io.leakwatch.load.Answer;
import io.leakwatch.load.AnswerReader;
import io.leakwatch.load.LoadTarget;
import io.leakwatch.load.MetricNames;
import io.leakwatch.load.ScrapeSettings;
import io.leakwatch.proc.ListeningSockets;
import io.leakwatch.proc.Outcome;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.ProcessId;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The metrics endpoint of one process. Where the configuration does not name it, every socket on
 * which the process listens is asked once by the paths that are usual, and the one that has most of
 * what is wanted is it, until it fails. For one thread at a time.
 */
final class LoadEndpoint {
  private static final int SEARCH_TIMEOUTS = 5;

  private final ProcFs procFs;
  private final ProcessId id;
  private final Optional<URI> given;
  private final String problem;
  private final MetricNames names;
  private final List<String> expected;
  private final ScrapeSettings settings;
  private final Outlet outlet;
  private @Nullable URI found;

  LoadEndpoint(
      ProcFs procFs, ProcessId id, LoadTarget target, ScrapeSettings settings, Outlet outlet) {
    this.procFs = procFs;
    this.id = id;
    this.given = target.address();
    this.problem = target.problem();
    this.names = MetricNames.of(target.metrics().isEmpty() ? settings.metrics() : target.metrics());
    this.expected = target.metrics().isEmpty() ? List.of() : names.names();
    this.settings = settings;
    this.outlet = outlet;
    this.found = given.orElse(null);
  }

  /** Whether the configuration says where it is. */
  boolean isGiven() {
    return given.isPresent() || !problem.isEmpty();
  }

  /** The names that the configuration asks of this target; none where it asks the usual ones. */
  List<String> expected() {
    return expected;
  }

  /** Asks once; takes as long as the settings allow. */
  LoadView scrape() {
    if (!problem.isEmpty()) {
      return failed("", problem);
    }
    URI known = found;
    if (known == null) {
      return search();
    }
    LoadView scrape = ask(known);
    if (given.isEmpty() && !scrape.problem().isEmpty()) {
      found = null;
    }
    return scrape;
  }

  private LoadView search() {
    Outlet.Network network = outlet.network();
    if (!network.problem().isEmpty()) {
      return failed("", network.problem());
    }
    Outcome<List<InetSocketAddress>> sockets = ListeningSockets.of(procFs, id, network.name());
    if (!sockets.problem().isEmpty()) {
      return failed("", sockets.problem());
    }
    if (!(sockets instanceof Outcome.Sampled<List<InetSocketAddress>> own)) {
      return failed("", "it has ended");
    }
    long deadlineNanos = System.nanoTime() + SEARCH_TIMEOUTS * settings.timeout().toNanos();
    LoadView best = LoadView.NONE;
    for (InetSocketAddress socket : own.value().stream().limit(settings.socketsMax()).toList()) {
      for (String path : settings.paths()) {
        if (System.nanoTime() - deadlineNanos > 0) {
          break;
        }
        LoadView scrape = ask(URI.create(base(socket) + path));
        best = scrape.figures().size() > best.figures().size() ? scrape : best;
        if (!scrape.figures().isEmpty()) {
          break;
        }
      }
    }
    if (best.figures().isEmpty()) {
      return failed("", "no socket on which it listens gives the metrics that are asked for");
    }
    found = URI.create(best.endpoint());
    return best;
  }

  private static String base(InetSocketAddress socket) {
    String host = socket.getAddress().getHostAddress().replaceAll("%.*", "");
    boolean six = socket.getAddress() instanceof Inet6Address;
    return "http://" + (six ? "[" + host + "]" : host) + ":" + socket.getPort();
  }

  private LoadView ask(URI address) {
    AnswerReader reader = new AnswerReader(names, settings.seriesMax());
    Optional<String> failure =
        outlet.get(address, settings.timeout(), settings.answerBytesMax(), reader::accept);
    Answer answer = reader.finish();
    if (failure.isPresent()) {
      return failed(address.toString(), failure.get());
    }
    if (answer instanceof Answer.Figures figures && !figures.figures().isEmpty()) {
      return new LoadView(address.toString(), figures.figures(), "");
    }
    String why =
        answer instanceof Answer.Refused refused
            ? refused.why()
            : "none of its metrics has a name that is asked for";
    return failed(address.toString(), why);
  }

  private static LoadView failed(String address, String problem) {
    return new LoadView(address, Map.of(), problem);
  }
}
