package io.leakwatch.load;

import com.google.gson.stream.JsonReader;
import io.leakwatch.net.HttpAddress;
import io.leakwatch.net.HttpAnswer;
import io.leakwatch.net.HttpRequest;
import io.leakwatch.text.ForeignText;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A query for a stretch of time, put to a Prometheus or to what speaks its HTTP API v1 ({@code
 * query_range}). The stretch is cut so that no answer has more points than Prometheus gives (11,000
 * steps); what is held at once is one answer.
 *
 * <p>The query must give one series, and the same one over the whole stretch: several, or one whose
 * labels change, are several processes or several incarnations of one, and nothing here can tell
 * which.
 */
public final class RangeQuery {
  /** Prometheus refuses more than 11,000 steps. */
  static final int STEPS_MAX = 10_000;

  /** Of one answer; a series of so many steps has some 0.4 MiB. */
  static final long ANSWER_BYTES_MAX = 4 << 20;

  private static final int ERROR_CHARS_MAX = 400;
  private static final int QUERY_CHARS_MAX = 8_000;
  private static final int OK = 200;
  private static final String NAME = "${name}";
  private static final String NO_SERVER =
      "the address of a Prometheus is like http://prometheus:9090 or"
          + " https://user:password@host/prefix, without a query";

  private final URI server;
  private final String query;
  private final Duration step;
  private final Duration timeout;
  private Optional<String> series = Optional.empty();
  private String warning = "";

  /**
   * @param server base URL, http or https, maybe with a user and password, which are sent as basic
   *     auth
   * @param step between two points, a second at least
   * @param timeout for each answer as a whole
   * @throws IllegalArgumentException with one line
   */
  public RangeQuery(String server, String query, Duration step, Duration timeout) {
    this.server = server(server);
    this.query = query;
    this.step = step;
    this.timeout = timeout;
    if (query.isBlank() || query.length() > QUERY_CHARS_MAX) {
      throw new IllegalArgumentException(
          "a query has 1 to " + QUERY_CHARS_MAX + " characters, not " + query.length());
    }
    if (step.toSeconds() < 1) {
      throw new IllegalArgumentException("a step must be at least 1s");
    }
  }

  private static URI server(String text) {
    try {
      URI uri = new URI(text);
      HttpAddress.of(uri);
      if (uri.getRawQuery() == null && uri.getRawFragment() == null) {
        return new URI(text.replaceAll("/+$", ""));
      }
    } catch (URISyntaxException | IOException e) {
      throw new IllegalArgumentException(NO_SERVER, e); // Not the text: there may be a password.
    }
    throw new IllegalArgumentException(NO_SERVER);
  }

  /**
   * Puts the name of a process into a query for {@code ${name}}, masked as a string of PromQL needs
   * it.
   */
  public static String filled(String template, String name) {
    return template.replace(NAME, name.replace("\\", "\\\\").replace("\"", "\\\""));
  }

  /** Takes the points, in rising order of time. */
  public interface Sink {
    /**
     * Takes one.
     *
     * @param value as it is recorded; may be any number, or none ({@code NaN})
     */
    void accept(double timeSeconds, double value) throws IOException;
  }

  /** How the answers may be called in a message: without password and query. */
  public String serverShown() {
    return HttpAddress.shown(server);
  }

  /** The first warning that came along with an answer, {@code ""} where none did. */
  public String warning() {
    return warning;
  }

  /** The labels of the series that was given, {@code ""} where none was. */
  public String series() {
    return series.orElse("");
  }

  /** How many points one call of {@link #ask} may ask for. */
  public int stepsMax() {
    return STEPS_MAX;
  }

  /**
   * Asks for the points of a stretch: at its begin and each step after it, up to its end.
   *
   * @param fromSeconds since 1970
   * @param toSeconds at most {@link #stepsMax} steps later
   * @throws IOException with one line
   */
  public void ask(double fromSeconds, double toSeconds, Sink sink) throws IOException {
    URI address =
        URI.create(
            server
                + "/api/v1/query_range?query="
                + URLEncoder.encode(query, StandardCharsets.UTF_8)
                + String.format(
                    Locale.ROOT,
                    "&start=%.3f&end=%.3f&step=%d&timeout=%ds",
                    fromSeconds,
                    toSeconds,
                    step.toSeconds(),
                    Math.max(1, timeout.toSeconds())));
    HttpRequest request = HttpRequest.get(address).with("Accept", "application/json");
    RangeAnswer answer = new RangeAnswer(fromSeconds, toSeconds, STEPS_MAX + 1);
    try (HttpAnswer response = HttpAnswer.to(request, timeout, ANSWER_BYTES_MAX)) {
      if (response.status() != OK) {
        throw new IOException(refusal(response));
      }
      try (Reader text = new InputStreamReader(response.body(), StandardCharsets.UTF_8)) {
        answer.read(text);
      } catch (IOException e) {
        // Too many series make an answer too long as well.
        throw answer.severalSeries().orElse(e);
      }
    }
    check(answer);
    warning = warning.isEmpty() ? answer.warning() : warning;
    answer.give(sink);
  }

  private void check(RangeAnswer answer) throws IOException {
    Optional<IOException> several = answer.severalSeries();
    if (several.isPresent()) {
      throw several.get();
    }
    Optional<String> given = answer.series();
    if (given.isPresent() && series.isPresent() && !given.get().equals(series.get())) {
      throw RangeAnswer.several(List.of(series.get(), given.get()), false);
    }
    series = series.isPresent() ? series : given;
  }

  private static String refusal(HttpAnswer response) {
    String why = "it answers " + response.statusLine();
    String hint = "";
    if (response.status() == 401 || response.status() == 403) {
      hint = ": give a user and password in the URL, as in https://user:password@host";
    }
    try (JsonReader json =
        new JsonReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
      String error = RangeAnswer.error(json);
      return error.isEmpty()
          ? why + hint
          : why + ": " + ForeignText.harmless(error, ERROR_CHARS_MAX);
    } catch (IOException | IllegalStateException e) {
      return why + hint;
    }
  }
}
