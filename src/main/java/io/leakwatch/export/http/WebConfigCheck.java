package io.leakwatch.export.http;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** What a web.config.file sets up, in one line, before a server is started with it. */
public final class WebConfigCheck {
  private static final Duration SOON = Duration.ofDays(14);

  private WebConfigCheck() {}

  /**
   * One line.
   *
   * @param good whether it will work for the next two weeks
   */
  public record Result(boolean good, String text) {}

  /** The file and those that it names. */
  public static List<Path> files(Path file) throws IOException {
    WebConfig.Tls tls = WebConfigFile.open(file).current().tls();
    return tls == null
        ? List.of(file)
        : Stream.of(file, tls.certFile(), tls.keyFile(), tls.clientCaFile())
            .filter(one -> !one.toString().isEmpty())
            .toList();
  }

  /**
   * Reads the file, and the certificate and key that it names.
   *
   * @throws IOException when one of them is wrong; the message says which and why
   */
  public static Result of(Path file, Instant now) throws IOException {
    WebConfig config = WebConfigFile.open(file).current();
    String users =
        config.users().isEmpty()
            ? "no password is required"
            : config.users().size() + " users with a password";
    WebConfig.Tls tls = config.tls();
    if (tls == null) {
      return config.users().isEmpty()
          ? new Result(true, "sets up nothing")
          : new Result(false, "passwords cross the network in clear text, because TLS is off");
    }
    Instant end = end(tls);
    String until = "certificate " + tls.certFile() + " is valid until " + end + "; " + users;
    if (end.isBefore(now)) {
      return new Result(false, "certificate " + tls.certFile() + " has expired at " + end);
    }
    return new Result(end.isAfter(now.plus(SOON)), until);
  }

  private static Instant end(WebConfig.Tls tls) throws IOException {
    try {
      Instant earliest = Instant.MAX;
      for (Certificate certificate : Pem.certificates(tls.certFile())) {
        Instant end = ((X509Certificate) certificate).getNotAfter().toInstant();
        earliest = end.isBefore(earliest) ? end : earliest;
      }
      return earliest;
    } catch (GeneralSecurityException e) {
      throw new IOException(tls.certFile() + ": " + e.getMessage(), e);
    }
  }
}
