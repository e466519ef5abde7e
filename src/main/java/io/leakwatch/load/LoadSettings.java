package io.leakwatch.load;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the work of a process is measured, and by which figures.
 *
 * @param url a Prometheus or bvar endpoint; {@code ${group}} stands for a named group of one of the
 *     target's expressions; empty where the endpoint is to be found among the sockets on which the
 *     process listens
 * @param metrics names of its figures, {@code *} standing for any text; empty for the usual ones
 */
public record LoadSettings(Optional<String> url, List<String> metrics) {
  public static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([A-Za-z][A-Za-z0-9]*)}");

  /** Of a URL what is before its path; there is no {@code /} in it. */
  private static final Pattern BASE = Pattern.compile("^([a-z]+://[^/?#]*).*$", Pattern.DOTALL);

  private static final int PORT_MAX = 65_535;
  private static final String VALUE = "[A-Za-z0-9._-]{1,64}";

  public LoadSettings {
    metrics = List.copyOf(metrics);
    url.ifPresent(text -> parse(PLACEHOLDER.matcher(text).replaceAll("1")));
    MetricNames.of(metrics);
  }

  /**
   * Where a process is asked. One without a group that the url needs is searched for by its
   * sockets.
   *
   * @param groups what the process has put into them
   */
  public LoadTarget target(Map<String, String> groups) {
    try {
      return new LoadTarget(address(groups), "", metrics);
    } catch (IllegalArgumentException e) {
      return new LoadTarget(Optional.empty(), String.valueOf(e.getMessage()), metrics);
    }
  }

  private Optional<URI> address(Map<String, String> groups) {
    if (url.isEmpty()) {
      return Optional.empty();
    }
    Matcher matcher = PLACEHOLDER.matcher(url.get());
    StringBuilder filled = new StringBuilder();
    while (matcher.find()) {
      String value = groups.getOrDefault(matcher.group(1), "");
      if (!value.matches(VALUE)) {
        return Optional.empty();
      }
      matcher.appendReplacement(filled, Matcher.quoteReplacement(value));
    }
    return Optional.of(parse(matcher.appendTail(filled).toString()));
  }

  /** Whether an address is this endpoint's, for some processes' groups. */
  public boolean names(URI address) {
    return url.isPresent() && fits(url.get(), address.toString());
  }

  /**
   * Whether this endpoint is at a host and port, for some processes' groups.
   *
   * @param base scheme, host and port, as {@code http://127.0.0.1:8200}
   */
  public boolean isAt(String base) {
    return url.isPresent() && fits(BASE.matcher(url.get()).replaceFirst("$1"), base);
  }

  private static boolean fits(String template, String text) {
    Matcher matcher = PLACEHOLDER.matcher(template);
    StringBuilder expression = new StringBuilder();
    int end = 0;
    while (matcher.find()) {
      expression.append(Pattern.quote(template.substring(end, matcher.start()))).append(VALUE);
      end = matcher.end();
    }
    expression.append(Pattern.quote(template.substring(end)));
    return text.matches(expression.toString());
  }

  private static URI parse(String text) {
    try {
      URI uri = new URI(text);
      if ("http".equals(uri.getScheme())
          && uri.getHost() != null
          && uri.getUserInfo() == null
          && uri.getPort() <= PORT_MAX) {
        return uri;
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("the url " + text + " is not an address", e);
    }
    throw new IllegalArgumentException(
        "the url must be like http://127.0.0.1:${port}/metrics, without TLS and password, not `"
            + text
            + "`");
  }
}
