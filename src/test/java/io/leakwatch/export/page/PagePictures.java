package io.leakwatch.export.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.harness.AgentProcess;
import io.leakwatch.harness.CTarget;
import io.leakwatch.harness.Launcher;
import io.leakwatch.harness.Tool;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Takes the pictures of the documentation anew, from a real agent that watches real programs.
 *
 * <p>{@code mvn -o test -Dtest=PagePictures -Dtest.excludedGroups=none}
 */
@Tag("benchmark")
class PagePictures {
  private static final Path IMAGES = Path.of("src", "docs", "images");
  private static final String TARGETS =
      """
      targets = [
        { name = leases, program = lease_leak }, { name = pinned, program = pinned_heap }
        { name = arenas, program = leak_threads }, { name = cycle, program = sawtooth }
        { name = cache, program = warm_cache }, { name = redis, program = redis-server }
      ]
      diagnosis.on-alert = true
      diagnosis.span = 2s
      """;

  @TempDir private Path directory;

  @Test
  void takeThemAll() throws Exception {
    try (AgentProcess agent = AgentProcess.run(AgentProcess.fastConfiguration(directory, TARGETS));
        CTarget leases = CTarget.start("lease_leak", "20000", "16");
        CTarget pinned = CTarget.start("pinned_heap", "190000000", "4000");
        CTarget arenas = CTarget.start("leak_threads", "6", "6000000", "400");
        CTarget cycle = CTarget.start("sawtooth", "90000000", "8000");
        CTarget cache = CTarget.start("warm_cache", "80000000", "6000")) {
      Process redis = redis();
      try {
        pinned.awaitLine("freed");
        agent.awaitIncident(
            "a diagnosis",
            one ->
                one.get("process").getAsString().equals("leases")
                    && one.getAsJsonObject("report").has("profile_begin"));
        arenas.awaitResidentBytes(250e6);
        leases.awaitResidentBytes(60e6);
        take(agent);
        assertTrue(cycle.isAlive() && cache.isAlive());
      } finally {
        redis.destroy();
      }
    }
  }

  /** Who holds the memory of a server in Go, by its own profile. */
  @Test
  void takeAFlameGraph() throws Exception {
    Path configuration =
        Files.writeString(directory.resolve("prometheus.yml"), "global: {scrape_interval: 1s}\n");
    Process prometheus =
        new ProcessBuilder(
                "prometheus",
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + directory.resolve("data"),
                "--web.listen-address=127.0.0.1:17780")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader log = prometheus.inputReader()) {
      String line = log.readLine();
      while (line != null && !line.contains("ready to receive web requests")) {
        line = log.readLine();
      }
      Path flame = IMAGES.resolve("flame-prometheus.svg");
      Tool.Result done =
          Tool.run(
              "",
              Launcher.command(
                  List.of(),
                  "profile",
                  Long.toString(prometheus.pid()),
                  "--flame",
                  flame.toString()));
      assertEquals(0, done.status(), done::output);
    } finally {
      prometheus.destroy();
    }
  }

  private Process redis() throws IOException, InterruptedException {
    List<String> server =
        List.of("redis-server", "--port", "17779", "--save", "", "--dir", directory.toString());
    Process redis =
        new ProcessBuilder(server).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    List<String> load =
        new ArrayList<>(List.of("redis-benchmark", "-p", "17779", "-q", "-n", "200000"));
    load.addAll(List.of("-r", "100000", "-d", "200", "-t", "set,lpush,hset"));
    new ProcessBuilder(load).redirectOutput(ProcessBuilder.Redirect.DISCARD).start().waitFor();
    return redis;
  }

  private void take(AgentProcess agent) throws IOException {
    for (boolean isDark : new boolean[] {false, true}) {
      String shade = isDark ? "dark" : "light";
      Path profile = directory.resolve("browser-" + shade);
      try (Browser browser = Browser.open(agent.port(), profile, isDark)) {
        for (int width : new int[] {1280, 390}) {
          browser.resize(width, width == 1280 ? 860 : 1400);
          browser.show("");
          browser.await("document.querySelectorAll('tbody tr').length >= 6");
          browser.picture(IMAGES.resolve("overview-" + width + "-" + shade + ".png"));
          browser.resize(width, width == 1280 ? 1500 : 2400);
          browser.show("#/process/arenas");
          browser.await("document.querySelector('.strip')");
          browser.picture(IMAGES.resolve("process-" + width + "-" + shade + ".png"));
        }
        if (!isDark) {
          parts(browser);
        }
      }
    }
  }

  private static void parts(Browser browser) throws IOException {
    browser.resize(1000, 1400);
    browser.run("document.documentElement.style.fontSize = '16px'");
    for (String name : List.of("arenas", "pinned")) {
      browser.show("#/process/" + name);
      browser.await("document.querySelector('.strip')");
      browser.picture(".strips", IMAGES.resolve("strips-" + name + ".png"));
    }
    browser.show("#/process/redis");
    browser.await("document.querySelector('[aria-label=\"Where resident memory is\"] .balance')");
    browser.picture("[aria-label='Where resident memory is']", IMAGES.resolve("balance-redis.png"));
    browser.show("");
    browser.await("document.querySelector('.incidents a')");
    browser.run(
        "[...document.querySelectorAll('.incidents li')].find(li =>"
            + " li.innerText.includes('leases')).querySelector('a').click()");
    browser.await("document.querySelector('svg.flame')");
    browser.picture(IMAGES.resolve("incident.png"));
  }
}
