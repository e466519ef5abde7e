package io.leakwatch.export.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.export.http.HttpEndpoint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many bytes the page needs of a node with many processes and a long history. */
class PageWeightTest {
  private static final long BYTES_MAX = 200_000;
  private static final String TRANSFERRED =
      "return performance.getEntries().reduce((sum, one) => sum + (one.transferSize || 0), 0)";

  @TempDir private Path directory;

  @Test
  void aLargeNodeShouldBeSeenForFewBytes() throws IOException {
    assumeTrue(Browser.isHere(), "no browser here");
    try (HttpEndpoint endpoint = LargeNode.open(directory);
        Browser browser = Browser.open(endpoint.port(), directory.resolve("browser"), false)) {
      browser.show("");
      browser.await("document.querySelectorAll('tbody tr').length === 100");
      long overview = ((Number) browser.run(TRANSFERRED)).longValue();
      assertTrue(overview > 10_000 && overview < BYTES_MAX, overview + " bytes of the overview");
      browser.show("#/process/" + LargeNode.RECORDED);
      browser.run("[...document.querySelectorAll('.tools button')][5].click()");
      browser.await("document.querySelector('.chart').dataset.points > 350");
      assertEquals("30 d", browser.find(".tools button[aria-pressed=true]").getText());
      long process = ((Number) browser.run(TRANSFERRED)).longValue();
      assertTrue(process > 10_000 && process < BYTES_MAX, process + " bytes of a process");
      assertEquals(List.of(), browser.console());
      System.out.println(overview + " bytes of the overview, " + process + " of a process");
    }
  }
}
