package io.leakwatch.export.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import io.leakwatch.export.ExportSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The HTTP server: who may ask, how much at once, and in what form the answer goes out.
 *
 * <p>Bounds: the JDK's server gives a thread to each connection that has begun a request and keeps
 * it until the request has arrived. There are as many threads as connections, so a slow client
 * holds up nobody else; it loses its connection after {@link ExportSettings#requestTimeout}, an
 * idle one after {@link ExportSettings#idleTimeout}, and connections above {@link
 * ExportSettings#maxConnections} are closed as they come. Threads end when nobody asks.
 *
 * <p>There is no bound for each client address. The JDK's server accepts by itself and tells whose
 * a request is when all its headers have come; a bound from there on would spare those who hold
 * connections by headers that never end, which is the cheapest way to take them all. So the bound
 * belongs into the packet filter: {@code deploy/leakwatch.nft}.
 */
public final class HttpEndpoint implements AutoCloseable {
  private static final int THREAD_IDLE_SECONDS = 10;
  private static final int STOP_SECONDS = 0;
  private static final int PATH_CHARACTERS_MAX = 512;
  private static final int QUERY_CHARACTERS_MAX = 1024;

  /** Named, and not with a weight of nothing. */
  private static final Pattern GZIP =
      Pattern.compile("(^|[\\s,])gzip\\s*($|,|;\\s*q=(1|0\\.0*[1-9]))");

  private final HttpServer server;
  private final ThreadPoolExecutor threads;
  private final WebConfigFile webConfig;
  private final Access access;
  private final Answers answers;

  private HttpEndpoint(
      HttpServer server,
      ThreadPoolExecutor threads,
      WebConfigFile webConfig,
      Access access,
      Answers answers) {
    this.server = server;
    this.threads = threads;
    this.webConfig = webConfig;
    this.access = access;
    this.answers = answers;
  }

  /**
   * Opens the port and begins to answer.
   *
   * @throws IOException when the port is taken or the web.config.file is wrong
   */
  public static HttpEndpoint start(ExportSettings settings, Answers answers) throws IOException {
    limitJdkServer(settings);
    WebConfigFile webConfig = WebConfigFile.open(settings.webConfigFile());
    InetSocketAddress address = address(settings.listenAddress());
    int backlog = settings.maxConnections();
    HttpServer server =
        webConfig.current().tls() == null
            ? HttpServer.create(address, backlog)
            : HttpsServer.create(address, backlog);
    ThreadPoolExecutor threads =
        new ThreadPoolExecutor(
            settings.maxConnections(),
            settings.maxConnections(),
            THREAD_IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(settings.maxConnections()),
            task -> {
              Thread thread = new Thread(task, "http");
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy());
    threads.allowCoreThreadTimeOut(true);
    HttpEndpoint endpoint =
        new HttpEndpoint(
            server, threads, webConfig, new Access(settings.openPageAndApi()), answers);
    if (server instanceof HttpsServer tlsServer) {
      webConfig.configure(tlsServer);
    }
    server.setExecutor(threads);
    server.createContext("/", endpoint::handle);
    server.start();
    return endpoint;
  }

  /** The port in use, also when port 0 was asked for. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Whether clients must use https. */
  public boolean isTls() {
    return server instanceof HttpsServer;
  }

  /** Why a changed web.config.file is not in use, {@code ""} when all is well. */
  public String problem() {
    return webConfig.problem();
  }

  @Override
  public void close() {
    server.stop(STOP_SECONDS);
    threads.shutdownNow();
  }

  /** The JDK's server takes its bounds from system properties, read when its classes are loaded. */
  private static void limitJdkServer(ExportSettings settings) {
    long timeoutSeconds = Math.max(1, settings.requestTimeout().toSeconds());
    String seconds = Long.toString(timeoutSeconds);
    String idleSeconds = Long.toString(Math.max(1, settings.idleTimeout().toSeconds()));
    Map<String, String> bounds =
        Map.of(
            "sun.net.httpserver.maxReqTime",
            seconds,
            "sun.net.httpserver.maxRspTime",
            seconds,
            "sun.net.httpserver.timerMillis", // How often the two are checked.
            Long.toString(Math.max(1000, 1000 * timeoutSeconds / 4)),
            "sun.net.httpserver.idleInterval",
            idleSeconds,
            "sun.net.httpserver.maxReqHeaders",
            "64",
            "sun.net.httpserver.maxReqHeaderSize",
            "32768",
            "sun.net.httpserver.drainAmount",
            "8192",
            "jdk.httpserver.maxConnections",
            Integer.toString(settings.maxConnections()));
    bounds.forEach(System::setProperty);
  }

  private static InetSocketAddress address(String listen) throws IOException {
    int colon = listen.lastIndexOf(':');
    try {
      int port = Integer.parseInt(listen.substring(colon + 1));
      String host = colon < 0 ? "" : listen.substring(0, colon);
      return host.isEmpty()
          ? new InetSocketAddress(port)
          : new InetSocketAddress(InetAddress.getByName(host.replaceAll("[\\[\\]]", "")), port);
    } catch (IllegalArgumentException e) {
      throw new IOException("not a listen address (host:port): " + listen, e);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = Objects.requireNonNullElse(exchange.getRequestURI().getPath(), "");
      Optional<Response> refusal;
      try {
        refusal = refuse(exchange, path);
      } catch (RuntimeException e) {
        refusal =
            Optional.of(Response.text(500, "internal error: " + e.getClass().getSimpleName()));
      }
      if (refusal.isPresent()) {
        send(exchange, refusal.get());
      } else {
        answers.answer(request(exchange, path), found -> send(exchange, allow(exchange, found)));
      }
    }
  }

  private static Request request(HttpExchange exchange, String path) {
    String query = Objects.requireNonNullElse(exchange.getRequestURI().getRawQuery(), "");
    String accept = exchange.getRequestHeaders().getFirst("Accept");
    return new Request(
        path, query.length() > QUERY_CHARACTERS_MAX ? "" : query, accept == null ? "" : accept);
  }

  private Optional<Response> refuse(HttpExchange exchange, String path) {
    if (path.isEmpty() || path.length() > PATH_CHARACTERS_MAX) {
      return Optional.of(Response.text(404, "Not Found"));
    }
    return access.refuse(
        webConfig.current(),
        path,
        exchange.getRemoteAddress().getAddress(),
        exchange.getRequestHeaders());
  }

  private static Response allow(HttpExchange exchange, Response found) {
    String method = exchange.getRequestMethod();
    return found.status() == 404 || method.equals("GET") || method.equals("HEAD")
        ? found
        : Response.text(405, "Method Not Allowed").with("Allow", "GET, HEAD");
  }

  private static void send(HttpExchange exchange, Response response) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", response.contentType());
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    response.headers().forEach(exchange.getResponseHeaders()::set);
    Body body = response.body();
    boolean packed = body.isPacked() && takesGzip(exchange);
    if (body.isPacked()) {
      exchange.getResponseHeaders().set("Vary", "Accept-Encoding, Accept");
    }
    if (packed) {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
    }
    long length = packed ? body.heldBytes() : body.plainBytes();
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Long.toString(length));
      exchange.sendResponseHeaders(response.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(response.status(), length == 0 ? -1 : length);
    try (InputStream in = packed ? body.held() : body.plain();
        OutputStream out = exchange.getResponseBody()) {
      in.transferTo(out);
    }
  }

  private static boolean takesGzip(HttpExchange exchange) {
    List<String> encodings = exchange.getRequestHeaders().get("Accept-Encoding");
    return encodings != null
        && GZIP.matcher(String.join(",", encodings).toLowerCase(Locale.ROOT)).find();
  }
}
