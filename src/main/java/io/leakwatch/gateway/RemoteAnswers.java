package io.leakwatch.gateway;

import io.leakwatch.export.Answers;
import io.leakwatch.export.Response;
import io.leakwatch.units.Quantity;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The gateway's side of the agent's socket: each answer is the agent's own, and 503 where there is
 * none. What is held in memory until clients have taken it is bounded in all.
 */
public final class RemoteAnswers implements Answers {
  private static final int HEADERS_MAX = 16;
  private static final int ACCEPT_CHARACTERS_MAX = 1024;

  private final GatewaySettings settings;
  private long heldBytes;

  public RemoteAnswers(GatewaySettings settings) {
    this.settings = settings;
  }

  @Override
  public void answer(String path, String accept, Recipient to) throws IOException {
    Response response;
    long reserved = 0;
    try (Wire wire = Wire.call(settings.agentSocket(), settings.timeout())) {
      wire.put(path);
      wire.put(accept.length() > ACCEPT_CHARACTERS_MAX ? "" : accept);
      wire.flush();
      int status = wire.number(100, 999);
      String contentType = wire.text();
      Map<String, String> headers = new LinkedHashMap<>();
      for (int left = wire.number(0, HEADERS_MAX); left > 0; left--) {
        headers.put(wire.text(), wire.text());
      }
      long length = wire.number();
      if (length < 0 || !reserve(length)) {
        response = Response.text(503, "leakwatch's gateway has no room for this answer now");
      } else {
        reserved = length;
        response = new Response(status, contentType, wire.take((int) length), headers);
      }
    } catch (SocketTimeoutException e) {
      response = unavailable("does not answer within " + Quantity.duration(settings.timeout()));
    } catch (IOException e) {
      response = unavailable("does not answer: " + e.getMessage());
    }
    try {
      to.accept(response);
    } finally {
      release(reserved);
    }
  }

  private static Response unavailable(String why) {
    return Response.text(503, "leakwatch's agent " + why);
  }

  private synchronized boolean reserve(long bytes) {
    if (heldBytes + bytes > settings.answerBytesMax()) {
      return false;
    }
    heldBytes += bytes;
    return true;
  }

  private synchronized void release(long bytes) {
    heldBytes -= bytes;
  }
}
