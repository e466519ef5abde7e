package io.leakwatch.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;

/** Certificates for servers on this machine, signed by themselves. */
public final class Certificates {
  private Certificates() {}

  /** Leaves {@code cert.pem} and {@code key.pem} in a directory. */
  public static void make(Path directory, String name, int days) {
    Tool.Result made =
        Tool.run(
            "",
            List.of(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                Integer.toString(days),
                "-subj",
                "/CN=" + name,
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-keyout",
                directory.resolve("key.pem").toString(),
                "-out",
                directory.resolve("cert.pem").toString()));
    assertEquals(0, made.status(), made.output());
  }
}
