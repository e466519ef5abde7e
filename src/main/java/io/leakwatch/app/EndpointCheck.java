package io.leakwatch.app;

import io.leakwatch.app.SelfCheck.Finding;
import io.leakwatch.export.WebConfigCheck;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether those who are told of alerts can be reached, and whether the own port can be opened. */
final class EndpointCheck {
  private static final int PATIENCE_MILLIS = 2000;

  private EndpointCheck() {}

  /** Asks an Alertmanager whether it is ready, by the way that alerts will take. */
  static Finding alertmanager(URI base) {
    String where = "Alertmanager " + shown(base);
    try {
      String path = base.toString().replaceFirst("/+$", "") + "/-/ready";
      if (!(URI.create(path).toURL().openConnection() instanceof HttpURLConnection connection)) {
        return Finding.bad(where + " is no http address (alert.alertmanagers)");
      }
      connection.setConnectTimeout(PATIENCE_MILLIS);
      connection.setReadTimeout(PATIENCE_MILLIS);
      connection.setInstanceFollowRedirects(false);
      if (base.getUserInfo() != null) {
        byte[] user = base.getUserInfo().getBytes(StandardCharsets.UTF_8);
        connection.setRequestProperty(
            "Authorization", "Basic " + Base64.getEncoder().encodeToString(user));
      }
      try {
        int status = connection.getResponseCode();
        return switch (status) {
          case 200 -> Finding.good(where + " is ready");
          case 401, 403 ->
              Finding.bad(
                  where + " refuses us (status " + status + "): put USER:PASSWORD@ into it");
          case 404 ->
              Finding.bad(
                  where + " answers, but not as an Alertmanager (status 404): is it the base URL?");
          default -> Finding.bad(where + " is not ready (status " + status + ")");
        };
      } finally {
        connection.disconnect();
      }
    } catch (IOException | IllegalArgumentException e) {
      return Finding.bad(where + " does not answer: " + problem(e));
    }
  }

  /** Connects to a webhook; it is sent nothing, for whatever it is sent it takes for an alert. */
  static Finding webhook(URI address) {
    int port =
        address.getPort() >= 0 ? address.getPort() : "https".equals(address.getScheme()) ? 443 : 80;
    String where = "webhook " + address.getHost() + ":" + port;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.getHost(), port), PATIENCE_MILLIS);
      return Finding.good(where + " can be reached");
    } catch (IOException | IllegalArgumentException e) {
      return Finding.bad(where + " does not answer: " + problem(e));
    }
  }

  /** What the web.config.file sets up. */
  static Finding webConfig(Path file, Instant now) {
    try {
      WebConfigCheck.Result seen = WebConfigCheck.of(file, now);
      String text = "web config " + file + ": " + seen.text();
      return seen.good() ? Finding.good(text) : Finding.bad(text);
    } catch (IOException e) {
      return Finding.bad("web config " + problem(e));
    }
  }

  /** What of the configuration the installed gateway may not read. */
  static List<Finding> unreadable(GatewayUser gateway, @Nullable Path file, Path webConfig) {
    List<Finding> findings = new ArrayList<>();
    if (!gateway.exists()) {
      return findings;
    }
    List<Path> files = new ArrayList<>();
    if (file != null) {
      files.add(file);
    }
    try {
      if (!webConfig.toString().isEmpty()) {
        files.addAll(WebConfigCheck.files(webConfig));
      }
      for (Path one : files) {
        if (!gateway.mayRead(one)) {
          findings.add(
              Finding.bad(one + " is not for " + gateway + " to read (chgrp and chmod g+r)"));
        }
      }
    } catch (IOException e) {
      return findings; // What is wrong with a file is told where the file is looked at.
    }
    return findings;
  }

  private static String problem(Exception e) {
    if (e instanceof NoSuchFileException missing) {
      return missing.getFile() + ": no such file";
    }
    if (e instanceof AccessDeniedException denied) {
      return denied.getFile() + ": permission denied";
    }
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }

  /** Without the password that it may hold. */
  private static String shown(URI address) {
    return address.getScheme()
        + "://"
        + address.getHost()
        + (address.getPort() < 0 ? "" : ":" + address.getPort())
        + (address.getPath() == null ? "" : address.getPath());
  }
}
