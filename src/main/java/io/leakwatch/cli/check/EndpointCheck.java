package io.leakwatch.cli.check;

import io.leakwatch.agent.GatewayUser;
import io.leakwatch.agent.SelfCheck.Finding;
import io.leakwatch.export.http.WebConfigCheck;
import io.leakwatch.net.HttpAddress;
import io.leakwatch.net.HttpAnswer;
import io.leakwatch.net.HttpRequest;
import io.leakwatch.net.TimedSocket;
import java.io.IOException;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether the endpoints that alerts are sent to can be reached, and whether the own port can be
 * opened.
 */
final class EndpointCheck {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  private EndpointCheck() {}

  /** Asks an Alertmanager whether it is ready, by the way that alerts will take. */
  static Finding alertmanager(URI base) {
    String path = base.getPath() == null ? "" : base.getPath();
    String where = "Alertmanager " + HttpAddress.shown(base) + path;
    URI ready = URI.create(base.toString().replaceFirst("/+$", "") + "/-/ready");
    try (HttpAnswer answer = HttpAnswer.to(HttpRequest.get(ready), PATIENCE, 0)) {
      int status = answer.status();
      return switch (status) {
        case 200 -> Finding.good(where + " is ready");
        case 401, 403 ->
            Finding.bad(
                where + " denies access (status " + status + "): put USER:PASSWORD@ into its URL");
        case 404 ->
            Finding.bad(
                where + " answers, but not as an Alertmanager (status 404): is it the base URL?");
        default -> Finding.bad(where + " is not ready (status " + status + ")");
      };
    } catch (IOException e) {
      return Finding.bad(where + " does not answer: " + problem(e));
    }
  }

  /** Connects to a webhook; it is sent nothing, for whatever it is sent it takes for an alert. */
  static Finding webhook(URI address) {
    String where = "webhook " + HttpAddress.shown(address);
    try {
      HttpAddress to = HttpAddress.of(address);
      TimedSocket.connect(to.host(), to.port(), PATIENCE).close();
      return Finding.good(where + " can be reached");
    } catch (IOException e) {
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
              Finding.bad(one + " is not readable for " + gateway + " (use chgrp and chmod g+r)"));
        }
      }
    } catch (IOException e) {
      return findings; // What is wrong with a file is reported where the file is read.
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
}
