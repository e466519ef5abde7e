package io.leakwatch.export.http;

import java.io.IOException;

/** What the HTTP server has to say. */
public interface Answers {

  /** Takes one answer. */
  interface Recipient {
    void accept(Response response) throws IOException;
  }

  /**
   * Answers a request. An answer takes memory, so it is handed over rather than returned: who
   * composes it knows when it has been sent.
   *
   * @param to is called once
   * @throws IOException the recipient's
   */
  void answer(Request request, Recipient to) throws IOException;
}
