package io.leakwatch.lab.servers;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/** A target for Prometheus: so many lasting series, and so many new ones at each scrape. */
public final class Exposition {
  private Exposition() {}

  /**
   * Serves until it is ended.
   *
   * @param arguments port, lasting series, new series
   */
  public static void main(String[] arguments) throws IOException {
    int lasting = Integer.parseInt(arguments[1]);
    int fresh = Integer.parseInt(arguments[2]);
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(arguments[0])),
            10);
    long[] scrapes = {0};
    server.createContext(
        "/",
        exchange -> {
          StringBuilder text = new StringBuilder();
          scrapes[0]++;
          for (int i = 0; i < lasting; i++) {
            text.append("lab_lasting{series=\"").append(i).append("\"} ").append(scrapes[0] + "\n");
          }
          for (int i = 0; i < fresh; i++) {
            text.append("lab_fresh{series=\"").append(scrapes[0] + "-" + i).append("\"} 1\n");
          }
          byte[] body = text.toString().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
          }
        });
    server.start();
  }
}
