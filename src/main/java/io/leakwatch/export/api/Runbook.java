package io.leakwatch.export.api;

import io.leakwatch.export.http.Body;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The runbook, as it is packed into the jar: an index, and a page for each verdict and each alert
 * of the agent itself, all in Markdown.
 */
final class Runbook {
  static final String ROOT = "/runbook/";
  static final String TYPE = "text/plain; charset=utf-8";
  static final String NO_SUCH_PAGE = "no such runbook page; " + ROOT + " lists all pages";
  private static final String INDEX = "README";

  /** No dot and no slash, so a name leads to no other resource of the jar. */
  private static final Pattern NAME = Pattern.compile("[a-z][a-z-]{0,63}");

  private Runbook() {}

  static boolean isBelow(String path) {
    return path.startsWith(ROOT) || path.equals("/runbook");
  }

  /** The page of a path, decoded; empty when there is none. */
  static Optional<Body.Writing> get(String path) {
    String name = path.length() <= ROOT.length() ? INDEX : path.substring(ROOT.length());
    return name.equals(INDEX) || NAME.matcher(name).matches() ? page(name) : Optional.empty();
  }

  private static Optional<Body.Writing> page(String name) {
    String resource = "runbook/" + name + ".md";
    if (Runbook.class.getResource(resource) == null) {
      return Optional.empty();
    }
    return Optional.of(
        out -> {
          try (InputStream page = Runbook.class.getResourceAsStream(resource)) {
            if (page == null) {
              throw new IOException(resource + " is gone");
            }
            page.transferTo(out);
          }
        });
  }
}
