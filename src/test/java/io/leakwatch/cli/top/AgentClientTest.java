package io.leakwatch.cli.top;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.cli.RunCommand;
import io.leakwatch.config.Defaults;
import io.leakwatch.export.http.HttpEndpoint;
import io.leakwatch.export.http.Response;
import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.Certificates;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent is asked at its port, where anybody may listen. */
@Tag("acceptance")
@Timeout(60)
class AgentClientTest {
  private static final String TLS =
      "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n";
  private static final String PASSWORD =
      "basic_auth_users:\n  ada: $2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi\n";
  private static final String EMPTY = "{\"taken_at\":\"2026-03-01T10:00:00Z\",\"processes\":[]}";

  @TempDir private Path directory;
  private final CountDownLatch ended = new CountDownLatch(1);

  private AgentClient agent(int port, String rest, Duration patience) {
    return new AgentClient(
        RunCommand.load(
            AgentProcess.fastConfiguration(
                directory,
                """
                export.listen-address = "127.0.0.1:%d"
                gateway.agent-socket = "%s"
                %s
                """
                    .formatted(port, directory.resolve("agent.sock"), rest))),
        patience);
  }

  private static String refusal(AgentClient agent) {
    return String.valueOf(assertThrows(IOException.class, agent::ask).getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\n\r\n{\"taken_at\":\""})
  void anAnswerThatDripsShouldEndAtTheDeadline(String begin) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      Thread dripping = new Thread(() -> drip(server, begin), "drip");
      dripping.start();
      assertEquals(
          "no agent answers at 127.0.0.1:%d: no whole answer within 300 ms"
              .formatted(server.getLocalPort()),
          refusal(agent(server.getLocalPort(), "", Duration.ofMillis(300))));
      ended.countDown();
      dripping.join();
    }
  }

  private void drip(ServerSocket server, String begin) {
    try (Socket client = server.accept()) {
      OutputStream out = client.getOutputStream();
      out.write(begin.getBytes(ISO_8859_1));
      while (!ended.await(20, TimeUnit.MILLISECONDS)) {
        out.write('a');
        out.flush();
      }
    } catch (IOException | InterruptedException e) {
      // The other side has hung up.
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {TLS, PASSWORD})
  void whoMayNotAskAtThePortShouldBeToldWhere(String locked) throws IOException {
    Certificates.make(directory, "localhost", 2);
    Path web = Files.writeString(directory.resolve("web.yml"), locked);
    Path socket = Files.createSymbolicLink(directory.resolve("agent.sock"), Path.of("agent.sock"));
    try (HttpEndpoint endpoint = endpoint(web)) {
      String refusal =
          refusal(
              agent(
                  endpoint.port(),
                  "export.web-config-file = \"" + web + "\"",
                  Duration.ofSeconds(30)));
      String begin =
          "no agent answers at 127.0.0.1:%d without TLS or password: it "
              .formatted(endpoint.port());
      assertTrue(refusal.startsWith(begin), refusal);
      assertTrue(refusal.endsWith("; as root, top asks it at " + socket), refusal);
    }
  }

  @Test
  void anAgentWithoutAnyLockShouldAnswer() throws IOException {
    try (HttpEndpoint endpoint = endpoint(Path.of(""))) {
      AgentClient agent = agent(endpoint.port(), "", Duration.ofSeconds(30));
      assertEquals(0, agent.ask().rows().size());
      assertEquals("the agent at 127.0.0.1:" + endpoint.port(), agent.words());
    }
  }

  private static HttpEndpoint endpoint(Path webConfig) throws IOException {
    return HttpEndpoint.start(
        Defaults.export(webConfig, ""), (request, to) -> to.accept(Response.text(200, EMPTY)));
  }
}
