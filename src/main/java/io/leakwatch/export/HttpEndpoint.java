package io.leakwatch.export;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import io.leakwatch.os.Crypt;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;

/**
 * The HTTP server: metrics, health, API and page, all read from the newest snapshot. It reads no
 * memory of any process and changes nothing.
 *
 * <p>Bounds: the JDK's server gives a thread to each connection that has begun a request and keeps
 * it until the request has arrived. There are as many threads as connections, so a slow client
 * holds up nobody else; it loses its connection after {@link ExportSettings#requestTimeout}, an
 * idle one after {@link ExportSettings#idleTimeout}, and connections above {@link
 * ExportSettings#maxConnections} are closed as they come. Threads end when nobody asks. The JDK's
 * server accepts by itself, so there is no bound for each client address: who fears one address
 * taking all connections bounds it in the packet filter.
 */
public final class HttpEndpoint implements AutoCloseable {
  private static final int THREAD_IDLE_SECONDS = 10;
  private static final int STOP_SECONDS = 0;
  private static final int PATH_CHARACTERS_MAX = 512;
  private static final int GZIP_BYTES_MIN = 1024;

  private final HttpServer server;
  private final ThreadPoolExecutor threads;
  private final WebConfigFile webConfig;
  private final Access access;
  private final Metrics metrics;
  private final Api api;
  private final BooleanSupplier ready;

  private HttpEndpoint(
      HttpServer server,
      ThreadPoolExecutor threads,
      WebConfigFile webConfig,
      Access access,
      Metrics metrics,
      Api api,
      BooleanSupplier ready) {
    this.server = server;
    this.threads = threads;
    this.webConfig = webConfig;
    this.access = access;
    this.metrics = metrics;
    this.api = api;
    this.ready = ready;
  }

  /**
   * Opens the port and begins to answer.
   *
   * @param current gives the newest snapshot
   * @param ready whether the first round is done and sampling makes progress
   * @throws IOException when the port is taken or the web.config.file is wrong
   */
  public static HttpEndpoint start(
      ExportSettings settings,
      Supplier<Snapshot> current,
      Metrics metrics,
      IncidentSource incidents,
      BooleanSupplier ready)
      throws IOException {
    limitJdkServer(settings);
    WebConfigFile webConfig = WebConfigFile.open(settings.webConfigFile());
    Optional<Crypt> crypt =
        settings.webConfigFile().toString().isEmpty() ? Optional.empty() : Crypt.load();
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
            server,
            threads,
            webConfig,
            new Access(settings.openPageAndApi(), crypt),
            metrics,
            new Api(current, incidents),
            ready);
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
    String seconds = Long.toString(Math.max(1, settings.requestTimeout().toSeconds()));
    String idleSeconds = Long.toString(Math.max(1, settings.idleTimeout().toSeconds()));
    Map<String, String> bounds =
        Map.of(
            "sun.net.httpserver.maxReqTime",
            seconds,
            "sun.net.httpserver.maxRspTime",
            seconds,
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
      Response response;
      try {
        response = answer(exchange);
      } catch (RuntimeException e) {
        response = Response.text(500, "internal error: " + e.getClass().getSimpleName());
      }
      send(exchange, response);
    }
  }

  private Response answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path == null || path.length() > PATH_CHARACTERS_MAX) {
      return notFound();
    }
    Optional<Response> refusal =
        access.refuse(
            webConfig.current(),
            path,
            exchange.getRemoteAddress().getAddress(),
            exchange.getRequestHeaders());
    if (refusal.isPresent()) {
      return refusal.get();
    }
    Optional<Response> found = find(path, exchange);
    String method = exchange.getRequestMethod();
    if (found.isPresent() && !method.equals("GET") && !method.equals("HEAD")) {
      return Response.text(405, "Method Not Allowed").with("Allow", "GET, HEAD");
    }
    return found.orElseGet(HttpEndpoint::notFound);
  }

  private Optional<Response> find(String path, HttpExchange exchange) throws IOException {
    return switch (path) {
      case "/" -> Optional.of(page());
      case "/metrics" -> Optional.of(metrics(exchange));
      case "/-/healthy" -> Optional.of(Response.text(200, "leakwatch is healthy"));
      case "/-/ready" ->
          Optional.of(
              ready.getAsBoolean()
                  ? Response.text(200, "leakwatch is ready")
                  : Response.text(503, "leakwatch is not ready: no recent sampling round"));
      default -> path.startsWith(Api.ROOT) ? api.get(path) : Optional.empty();
    };
  }

  private Response metrics(HttpExchange exchange) throws IOException {
    String accept = exchange.getRequestHeaders().getFirst("Accept");
    ExpositionFormatWriter writer = Metrics.writerFor(accept == null ? "" : accept);
    ByteArrayOutputStream body = new ByteArrayOutputStream(1 << 16);
    metrics.write(writer, body);
    return new Response(200, writer.getContentType(), body.toString(StandardCharsets.UTF_8));
  }

  private static Response page() throws IOException {
    try (InputStream page = HttpEndpoint.class.getResourceAsStream("page.html")) {
      if (page == null) {
        return notFound();
      }
      return new Response(
              200,
              "text/html; charset=utf-8",
              new String(page.readAllBytes(), StandardCharsets.UTF_8))
          .with(
              "Content-Security-Policy",
              "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
                  + " connect-src 'self'; base-uri 'none'; form-action 'none';"
                  + " frame-ancestors 'none'");
    }
  }

  private static Response notFound() {
    return Response.text(404, "Not Found");
  }

  private static void send(HttpExchange exchange, Response response) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", response.contentType());
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    exchange.getResponseHeaders().set("Cache-Control", "no-store");
    response.headers().forEach(exchange.getResponseHeaders()::set);
    byte[] body = response.body().getBytes(StandardCharsets.UTF_8);
    String encodings = exchange.getRequestHeaders().getFirst("Accept-Encoding");
    if (encodings != null && encodings.contains("gzip") && body.length >= GZIP_BYTES_MIN) {
      body = gzip(body);
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
      exchange.getResponseHeaders().set("Vary", "Accept-Encoding, Accept");
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(response.status(), -1);
      return;
    }
    exchange.sendResponseHeaders(response.status(), body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream(plain.length / 4);
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(plain);
    }
    return packed.toByteArray();
  }
}
