package io.leakwatch.export.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.interactions.Actions;

/**
 * What a person sees in a browser while the agent watches a child that leaks and one that does not.
 */
@Tag("acceptance")
class PageLiveTest {
  private static final String TARGETS =
      """
      targets = [ { name = leaking, program = leak_threads }, { name = pinned, program = pinned_heap } ]
      diagnosis.on-alert = true
      diagnosis.span = 2s
      """;
  private static final String ROW = "[...document.querySelectorAll('tbody tr')]";

  @TempDir private Path directory;

  private static String verdict(String name) {
    return ROW + ".find(row => row.innerText.includes('" + name + "'))?.querySelector('.badge')";
  }

  @Test
  void aPersonShouldSeeALeakComeWhereItSitsAndWhatItIs() {
    assumeTrue(Browser.isHere(), "no browser here");
    try (AgentProcess agent = AgentProcess.run(AgentProcess.fastConfiguration(directory, TARGETS));
        Browser browser = Browser.open(agent.port(), directory.resolve("browser"), false);
        CTarget pinned = CTarget.start("pinned_heap", "60000000", "500");
        CTarget leaking = CTarget.start("leak_threads", "4", "4000000", "400")) {
      pinned.awaitLine("freed");
      browser.show("");
      browser.await(verdict("leaking") + "?.innerText === 'unknown'");
      assertTrue(
          String.valueOf(browser.run("return " + verdict("leaking") + ".className"))
              .contains("neutral"));
      browser.await(verdict("leaking") + "?.innerText === 'leak'");
      browser.await("document.querySelector('.alerts li')?.innerText.includes('leaking')");
      assertEquals("leaking", browser.find("tbody tr .name a").getText());
      assertEquals(List.of(), browser.faults());

      filter(browser);
      process(browser);
      incident(browser);
      assertEquals(List.of(), browser.console());
    }
  }

  private static void filter(Browser browser) {
    browser.find("input[type=search]").sendKeys("pinn");
    browser.await(ROW + ".filter(row => !row.hidden).length === 1");
    browser.find("input[type=search]").clear();
  }

  private static void process(Browser browser) {
    browser.show("#/process/leaking");
    browser.await("document.querySelector('.chart canvas')");
    browser.await("document.querySelectorAll('.space rect').length > 3");
    browser.await("document.querySelector('.reasons li')");
    assertEquals(List.of(), browser.faults());
    browser.run("window.before = document.querySelector('.chart').dataset.to");
    new Actions(browser.driver())
        .moveToElement(browser.find(".chart .u-over"), -260, 0)
        .clickAndHold()
        .moveByOffset(80, 0)
        .release()
        .perform();
    browser.await("document.querySelector('.chart').dataset.to < window.before");
    browser.await("!document.querySelector('.tools button[aria-pressed=true]')");
    browser.run("[...document.querySelectorAll('.tools button')][0].click()");
    browser.await("document.querySelector('.tools button[aria-pressed=true]')");
  }

  private static void incident(Browser browser) {
    browser.show("");
    browser.await("document.querySelector('.incidents a')");
    browser.run("document.querySelector('.incidents a').click()");
    browser.await("document.documentElement.dataset.ready === 'incident'");
    browser.await("document.querySelector('h1')?.innerText.includes('leaking')");
    browser.await("document.querySelector('svg.flame')");
    assertEquals(List.of(), browser.faults());
  }
}
