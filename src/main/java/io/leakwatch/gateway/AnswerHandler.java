package io.leakwatch.gateway;

import io.leakwatch.export.http.Answers;
import io.leakwatch.export.http.Body;
import io.leakwatch.export.http.Request;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SocketChannel;
import java.util.Map;

/** The agent's side of its own socket: one question and one answer for each connection. */
public final class AnswerHandler implements ConnectionHandler {
  private static final int PIECE_BYTES = 8 << 10;

  private final GatewaySettings settings;
  private final Answers answers;

  public AnswerHandler(GatewaySettings settings, Answers answers) {
    this.settings = settings;
    this.answers = answers;
  }

  @Override
  public void serve(SocketChannel caller) throws IOException {
    try (FrameChannel channel = new FrameChannel(caller, settings.timeout())) {
      answers.answer(
          new Request(channel.text(), channel.text(), channel.text()),
          response -> {
            channel.put(response.status());
            channel.put(response.contentType());
            channel.put(response.headers().size());
            for (Map.Entry<String, String> header : response.headers().entrySet()) {
              channel.put(header.getKey());
              channel.put(header.getValue());
            }
            put(channel, response.body());
            channel.flush();
          });
    }
  }

  /** As it is held: packed where it is longer than a line. */
  private static void put(FrameChannel channel, Body body) throws IOException {
    channel.put(body.isPacked() ? 1 : 0);
    channel.put(body.plainBytes());
    channel.put(body.heldBytes());
    byte[] piece = new byte[PIECE_BYTES];
    try (InputStream held = body.held()) {
      for (int count = held.read(piece); count >= 0; count = held.read(piece)) {
        channel.putRaw(piece, 0, count);
      }
    }
  }
}
