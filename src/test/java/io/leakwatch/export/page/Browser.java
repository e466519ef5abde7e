package io.leakwatch.export.page;

import com.deque.html.axecore.results.Results;
import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/** A real Chromium, as Debian packs it. */
final class Browser implements AutoCloseable {
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Set<String> SERIOUS = Set.of("serious", "critical");

  private final ChromeDriver driver;
  private final String root;

  private Browser(ChromeDriver driver, String root) {
    this.driver = driver;
    this.root = root;
  }

  /** Whether there is one. */
  static boolean isHere() {
    return Files.isExecutable(DRIVER);
  }

  /**
   * Opens one.
   *
   * @param port of the agent
   */
  static Browser open(int port, Path profile, boolean isDark) {
    ChromeOptions options = new ChromeOptions();
    options.setBinary("/usr/bin/chromium");
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--user-data-dir=" + profile);
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriver driver =
        new ChromeDriver(
            new ChromeDriverService.Builder().usingDriverExecutable(DRIVER.toFile()).build(),
            options);
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", isDark ? "dark" : "light"))));
    return new Browser(driver, "http://127.0.0.1:" + port + "/");
  }

  void resize(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
  }

  /** Shows a view and waits until it has asked once. */
  void show(String hash) {
    driver.get("about:blank");
    driver.get(root + hash);
    await("document.documentElement.dataset.ready !== undefined");
  }

  /** Waits until an expression is true. */
  void await(String expression) {
    new WebDriverWait(driver, PATIENCE, Duration.ofMillis(100))
        .withMessage(() -> expression + " in " + body())
        .until(page -> Boolean.TRUE.equals(run("return !!(" + expression + ")")));
  }

  Object run(String script) {
    return ((JavascriptExecutor) driver).executeScript(script);
  }

  WebElement find(String selector) {
    return driver.findElement(By.cssSelector(selector));
  }

  ChromeDriver driver() {
    return driver;
  }

  private String body() {
    String text = String.valueOf(run("return document.body.innerText"));
    return text.substring(0, Math.min(4000, text.length()));
  }

  /** What the console has said since the last call. */
  List<String> console() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(LogEntry::getMessage)
        .toList();
  }

  /** Faults that keep people from using it, as axe-core sees them. */
  List<String> faults() {
    Results results = new AxeBuilder().analyze(driver);
    return results.getViolations().stream()
        .filter(rule -> SERIOUS.contains(rule.getImpact()))
        .map(Browser::words)
        .toList();
  }

  private static String words(Rule rule) {
    return rule.getId()
        + ": "
        + rule.getHelp()
        + " "
        + rule.getNodes().stream().limit(4).map(node -> node.getHtml()).toList();
  }

  /** The whole view as a picture. */
  void picture(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
  }

  /** One element as a picture. */
  void picture(String selector, Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.write(file, find(selector).getScreenshotAs(OutputType.BYTES));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
