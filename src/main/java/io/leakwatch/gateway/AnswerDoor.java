package io.leakwatch.gateway;

import io.leakwatch.export.Answers;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Map;

/** The agent's side of its own socket: one question and one answer for each connection. */
public final class AnswerDoor implements Door {
  private final GatewaySettings settings;
  private final Answers answers;

  public AnswerDoor(GatewaySettings settings, Answers answers) {
    this.settings = settings;
    this.answers = answers;
  }

  @Override
  public void serve(SocketChannel caller) throws IOException {
    try (Wire wire = new Wire(caller, settings.timeout())) {
      answers.answer(
          wire.text(),
          wire.text(),
          response -> {
            wire.put(response.status());
            wire.put(response.contentType());
            wire.put(response.headers().size());
            for (Map.Entry<String, String> header : response.headers().entrySet()) {
              wire.put(header.getKey());
              wire.put(header.getValue());
            }
            wire.put(response.body(), 0, response.body().length);
            wire.flush();
          });
    }
  }
}
