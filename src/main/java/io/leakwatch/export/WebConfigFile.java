package io.leakwatch.export;

import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * The web.config.file in use, reread when it or its certificates change. A file that became wrong
 * changes nothing: the last good one stays in use.
 */
final class WebConfigFile {

  private record Stamp(Path file, long modifiedMillis, long bytes) {}

  private final Path file;
  private List<Stamp> stamps = List.of();
  private WebConfig config = WebConfig.OPEN;
  private @Nullable SSLContext context;
  private String problem = "";

  private WebConfigFile(Path file) {
    this.file = file;
  }

  /**
   * @param file empty for none
   */
  static WebConfigFile open(Path file) throws IOException {
    WebConfigFile opened = new WebConfigFile(file);
    if (!file.toString().isEmpty()) {
      opened.take(WebConfig.read(file));
      opened.stamps = opened.stamps();
    }
    return opened;
  }

  synchronized WebConfig current() {
    return config;
  }

  synchronized String problem() {
    return problem;
  }

  /** Looks whether a file has changed; whether TLS is to be set up anew. */
  synchronized boolean reread() {
    if (file.toString().isEmpty()) {
      return false;
    }
    List<Stamp> now = stamps();
    if (now.equals(stamps)) {
      return false;
    }
    stamps = now;
    try {
      WebConfig changed = WebConfig.read(file);
      if ((changed.tls() == null) != (config.tls() == null)) {
        throw new IOException(file + ": to turn TLS on or off needs a restart");
      }
      take(changed);
      stamps = stamps();
      problem = "";
      return changed.tls() != null;
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
      return false;
    }
  }

  synchronized void configure(HttpsServer server) {
    if (context != null && config.tls() != null) {
      server.setHttpsConfigurator(
          Tls.configurator(
              context,
              config.tls(),
              () -> {
                if (reread()) {
                  configure(server);
                }
              }));
    }
  }

  private void take(WebConfig changed) throws IOException {
    if (changed.tls() != null) {
      try {
        context = Tls.context(changed.tls());
      } catch (GeneralSecurityException e) {
        throw new IOException(file + ": TLS: " + e.getMessage(), e);
      }
    }
    config = changed;
  }

  private List<Stamp> stamps() {
    List<Stamp> found = new ArrayList<>();
    found.add(stamp(file));
    WebConfig.Tls tls = config.tls();
    if (tls != null) {
      found.add(stamp(tls.certFile()));
      found.add(stamp(tls.keyFile()));
      found.add(stamp(tls.clientCaFile()));
    }
    return found;
  }

  private static Stamp stamp(Path file) {
    try {
      return new Stamp(file, Files.getLastModifiedTime(file).toMillis(), Files.size(file));
    } catch (IOException e) {
      return new Stamp(file, 0, -1);
    }
  }
}
