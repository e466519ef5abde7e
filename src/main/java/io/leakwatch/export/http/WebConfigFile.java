package io.leakwatch.export.http;

import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * The web.config.file in use, read again at each request and each handshake. A file that became
 * wrong changes nothing: the last good one stays in use. Users, certificate and key may change; the
 * other settings of TLS need a restart.
 */
final class WebConfigFile {

  private record Stamp(Path file, long modifiedMillis, long bytes) {}

  private final Path file;
  private List<Stamp> stamps = List.of();
  private WebConfig config = WebConfig.OPEN;
  private @Nullable X509ExtendedKeyManager keys;
  private String problem = "";

  private WebConfigFile(Path file) {
    this.file = file;
  }

  /** Reads the file for the first time; an empty path stands for no file. */
  static WebConfigFile open(Path file) throws IOException {
    WebConfigFile opened = new WebConfigFile(file);
    if (!file.toString().isEmpty()) {
      opened.take(WebConfig.read(file));
      opened.stamps = opened.stamps();
    }
    return opened;
  }

  /** What is valid now. */
  synchronized WebConfig current() {
    reread();
    return config;
  }

  synchronized String problem() {
    return problem;
  }

  synchronized void configure(HttpsServer server) throws IOException {
    WebConfig.Tls tls = config.tls();
    if (tls != null) {
      try {
        server.setHttpsConfigurator(Tls.configurator(tls, this::keys));
      } catch (GeneralSecurityException e) {
        throw new IOException(file + ": TLS: " + e.getMessage(), e);
      }
    }
  }

  private synchronized X509ExtendedKeyManager keys() {
    reread();
    if (keys == null) {
      throw new IllegalStateException("no TLS is set up");
    }
    return keys;
  }

  private void reread() {
    if (file.toString().isEmpty()) {
      return;
    }
    List<Stamp> now = stamps();
    if (now.equals(stamps)) {
      return;
    }
    stamps = now;
    try {
      WebConfig changed = WebConfig.read(file);
      if (!sameProtocol(changed.tls(), config.tls())) {
        throw new IOException(file + ": the change of tls_server_config needs a restart");
      }
      take(changed);
      stamps = stamps();
      problem = "";
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
    }
  }

  private static boolean sameProtocol(WebConfig.@Nullable Tls one, WebConfig.@Nullable Tls other) {
    if (one == null || other == null) {
      return one == null && other == null;
    }
    return one.minVersion().equals(other.minVersion())
        && one.requireClient() == other.requireClient()
        && one.clientCaFile().equals(other.clientCaFile());
  }

  private void take(WebConfig changed) throws IOException {
    if (changed.tls() != null) {
      try {
        keys = Tls.keys(changed.tls());
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
