package io.leakwatch.gateway;

import io.leakwatch.export.http.AnswerMemory;
import io.leakwatch.export.http.Answers;
import io.leakwatch.export.http.Body;
import io.leakwatch.export.http.Request;
import io.leakwatch.export.http.Response;
import io.leakwatch.text.Quantity;
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
  private final AnswerMemory memory;

  public RemoteAnswers(GatewaySettings settings) {
    this.settings = settings;
    this.memory = new AnswerMemory(settings.answerBytesMax());
  }

  @Override
  public void answer(Request request, Recipient to) throws IOException {
    try (Response response = ask(request)) {
      to.accept(response);
    }
  }

  private Response ask(Request request) {
    try (FrameChannel channel = FrameChannel.call(settings.agentSocket(), settings.timeout())) {
      String accept = request.accept();
      channel.put(request.path());
      channel.put(request.query());
      channel.put(accept.length() > ACCEPT_CHARACTERS_MAX ? "" : accept);
      channel.flush();
      int status = channel.number(100, 999);
      String contentType = channel.text();
      Map<String, String> headers = new LinkedHashMap<>();
      for (int left = channel.number(0, HEADERS_MAX); left > 0; left--) {
        headers.put(channel.text(), channel.text());
      }
      boolean packed = channel.number(0, 1) == 1;
      long plainBytes = channel.number();
      long heldBytes = channel.number();
      Body body = Body.received(memory, packed, heldBytes, plainBytes, channel::take);
      return new Response(status, contentType, body, headers);
    } catch (AnswerMemory.Full e) {
      return Response.busy("leakwatch's gateway has no memory left for this answer now");
    } catch (SocketTimeoutException e) {
      return unavailable("does not answer within " + Quantity.duration(settings.timeout()));
    } catch (IOException e) {
      return unavailable("does not answer: " + e.getMessage());
    }
  }

  private static Response unavailable(String why) {
    return Response.text(503, "leakwatch's agent " + why);
  }
}
