package io.leakwatch.export.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.Headers;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may ask for page and API while no password is set up. */
class AccessTest {
  private final Access access = new Access(false);

  /** What a proxy may say about who asks is the asker's own word. */
  @ParameterizedTest
  @CsvSource({
    "X-Forwarded-For, 127.0.0.1",
    "X-Forwarded-For, ::1",
    "Forwarded, for=127.0.0.1;host=localhost",
    "X-Real-IP, 127.0.0.1",
    "X-Forwarded-Host, localhost",
    "Host, localhost:9870",
    "Origin, http://localhost:9870",
    "Authorization, Basic YTpi"
  })
  void noHeaderShouldOpenThePageToOtherMachines(String header, String value) throws Exception {
    assertEquals(403, status("192.0.2.7", header, value));
    assertEquals(403, status("2001:db8::7", header, value));
  }

  @ParameterizedTest
  @CsvSource({
    "localhost, 200",
    "LOCALHOST:9870, 200",
    "127.0.0.1:9870, 200",
    "[::1]:9870, 200",
    "evil.example, 403",
    "localhost.evil.example, 403",
    "localhost:9870.evil.example, 403",
    "evil.example:9870, 403",
    "127.0.0.1@evil.example, 403",
    "'', 403"
  })
  void onlyTheLoopbackUnderItsOwnNamesShouldSeeThePage(String host, int status) throws Exception {
    for (String address : new String[] {"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"}) {
      assertEquals(status, status(address, "Host", host), address);
    }
  }

  @Test
  void twoNamesShouldBeNone() throws Exception {
    Headers headers = new Headers();
    headers.add("Host", "localhost");
    headers.add("Host", "evil.example");
    assertEquals(403, status("127.0.0.1", headers));
  }

  private int status(String address, String header, String value) throws UnknownHostException {
    Headers headers = new Headers();
    headers.add(header, value);
    return status(address, headers);
  }

  private int status(String address, Headers headers) throws UnknownHostException {
    return access
        .refuse(WebConfig.OPEN, "/api/v1/processes", InetAddress.getByName(address), headers)
        .map(Response::status)
        .orElse(200);
  }
}
