package io.leakwatch.sampling.load;

import io.leakwatch.export.LoadView;
import io.leakwatch.gateway.Outbound;
import io.leakwatch.load.Answer;
import io.leakwatch.load.AnswerReader;
import io.leakwatch.load.LoadTarget;
import io.leakwatch.load.MemorySeries;
import io.leakwatch.load.MetricNames;
import io.leakwatch.load.ScrapeSettings;
import io.leakwatch.proc.ListeningSockets;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.file.Outcome;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.time.Time;
import java.io.ByteArrayOutputStream;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The metrics endpoint of one process. Where the configuration does not name it, every socket on
 * which the process listens is asked once by the paths that are usual, and the one that has most of
 * what is wanted is it, until it fails. For one thread at a time.
 */
public final class LoadEndpoint {
  private static final int SEARCH_TIMEOUTS = 5;

  private final ProcFs procFs;
  private final ProcessId id;
  private final Optional<URI> given;
  private final String problem;
  private final MetricNames names;
  private final List<String> expected;
  private final ScrapeSettings settings;
  private final Outbound network;
  private final Time time;
  private @Nullable URI found;
  private boolean brpc;

  public LoadEndpoint(
      ProcFs procFs,
      ProcessId id,
      LoadTarget target,
      ScrapeSettings settings,
      Outbound network,
      Time time) {
    this.time = time;
    this.procFs = procFs;
    this.id = id;
    this.given = target.address();
    this.problem = target.problem();
    this.names = MetricNames.of(target.metrics().isEmpty() ? settings.metrics() : target.metrics());
    this.expected = target.metrics().isEmpty() ? List.of() : names.names();
    this.settings = settings;
    this.network = network;
    this.found = given.orElse(null);
  }

  /** Whether the configuration says where it is. */
  public boolean isGiven() {
    return given.isPresent() || !problem.isEmpty();
  }

  /** The names that the configuration asks of this target; none where it asks the usual ones. */
  public List<String> expected() {
    return expected;
  }

  /** Asks once; takes as long as the settings allow. */
  public LoadView scrape() {
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
    Outbound.Network namespace = network.network();
    if (!namespace.problem().isEmpty()) {
      return failed("", namespace.problem());
    }
    Outcome<List<InetSocketAddress>> sockets = ListeningSockets.of(procFs, id, namespace.name());
    if (!sockets.problem().isEmpty()) {
      return failed("", sockets.problem());
    }
    if (!(sockets instanceof Outcome.Sampled<List<InetSocketAddress>> own)) {
      return failed("", "it has ended");
    }
    long deadlineNanos = time.nanos() + SEARCH_TIMEOUTS * settings.timeout().toNanos();
    LoadView best = LoadView.NONE;
    for (InetSocketAddress socket : own.value().stream().limit(settings.socketsMax()).toList()) {
      for (String path : settings.paths()) {
        if (time.nanos() - deadlineNanos > 0) {
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
      return failed("", "none of its listening sockets serves the requested metrics");
    }
    found = URI.create(best.endpoint());
    return best;
  }

  /** Whether the last answer was that of a brpc server, which remembers its memory. */
  boolean isBrpc() {
    return brpc;
  }

  /** What the server remembers of its memory; empty where it does not answer that. */
  Optional<RememberedMemory> remembered() {
    URI endpoint = found;
    if (endpoint == null) {
      return Optional.empty();
    }
    String base = endpoint.getScheme() + "://" + endpoint.getRawAuthority();
    double uptime =
        text(base + MemorySeries.UPTIME_PATH).map(MemorySeries::uptimeSeconds).orElse(Double.NaN);
    Optional<MemorySeries> series = text(base + MemorySeries.PATH).flatMap(MemorySeries::parse);
    double answeredSeconds = time.seconds();
    return series.map(one -> new RememberedMemory(one, answeredSeconds, uptime));
  }

  private Optional<String> text(String address) {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    Optional<String> failure =
        network.get(
            URI.create(address),
            settings.timeout(),
            MemorySeries.ANSWER_BYTES_MAX,
            (bytes, from, to) -> {
              text.write(bytes, from, to - from);
              return true;
            });
    return failure.isPresent()
        ? Optional.empty()
        : Optional.of(text.toString(StandardCharsets.ISO_8859_1));
  }

  private static String base(InetSocketAddress socket) {
    String host = socket.getAddress().getHostAddress().replaceAll("%.*", "");
    boolean six = socket.getAddress() instanceof Inet6Address;
    return "http://" + (six ? "[" + host + "]" : host) + ":" + socket.getPort();
  }

  private LoadView ask(URI address) {
    AnswerReader reader = new AnswerReader(names, settings.seriesMax());
    Optional<String> failure =
        network.get(address, settings.timeout(), settings.answerBytesMax(), reader::accept);
    Answer answer = reader.finish();
    if (failure.isPresent()) {
      return failed(address.toString(), failure.get());
    }
    if (answer instanceof Answer.Figures figures && !figures.figures().isEmpty()) {
      brpc = figures.brpc();
      return new LoadView(address.toString(), figures.figures(), "");
    }
    String why =
        answer instanceof Answer.Refused refused
            ? refused.why()
            : "none of its metrics has a requested name";
    return failed(address.toString(), why);
  }

  private static LoadView failed(String address, String problem) {
    return new LoadView(address, Map.of(), problem);
  }
}
