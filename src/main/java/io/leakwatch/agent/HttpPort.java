package io.leakwatch.agent;

import io.leakwatch.export.ExportSettings;
import io.leakwatch.export.http.Answers;
import io.leakwatch.export.http.HttpEndpoint;
import io.leakwatch.program.BuildVersion;
import io.leakwatch.program.CommandFailure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server at the address of the configuration, which may change. For one thread. */
final class HttpPort implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpPort.class);

  private final Answers answers;
  private ExportSettings settings;
  private HttpEndpoint http;

  private HttpPort(ExportSettings settings, Answers answers) {
    this.answers = answers;
    this.settings = settings;
    this.http = listen(settings, answers);
  }

  /**
   * @throws CommandFailure with one line where the address cannot be listened on
   */
  static HttpPort open(ExportSettings settings, Answers answers) {
    return new HttpPort(settings, answers);
  }

  private static HttpEndpoint listen(ExportSettings settings, Answers answers) {
    try {
      HttpEndpoint opened = HttpEndpoint.start(settings, answers);
      log.info("leakwatch {} listens on port {}", BuildVersion.version(), opened.port());
      return opened;
    } catch (AccessDeniedException e) {
      throw CommandFailure.because(
          "cannot listen: export.web-config-file: "
              + e.getFile()
              + ": permission denied; the user or group that leakwatch runs as must be"
              + " able to read it");
    } catch (IOException e) {
      throw CommandFailure.because(
          "cannot listen on "
              + settings.listenAddress()
              + ": "
              + e.getMessage()
              + " (export.listen-address)");
    }
  }

  /**
   * Listens as the new settings say; where that fails, as the old ones say.
   *
   * @throws CommandFailure with one line where it fails
   */
  void move(ExportSettings next) {
    if (next.equals(settings)) {
      return;
    }
    if (!next.hasBoundsOf(settings)) { // The JDK's server reads them once.
      throw CommandFailure.because(
          "a change of export.max-connections, export.request-timeout or export.idle-timeout needs a"
              + " restart");
    }
    http.close();
    try {
      http = listen(next, answers);
      settings = next;
    } catch (CommandFailure e) {
      http = listen(settings, answers);
      throw e;
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
