package io.leakwatch.target;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.leakwatch.agent.FiringAlerts;
import io.leakwatch.alert.Severity;
import io.leakwatch.config.Configuration;
import io.leakwatch.config.ConfigurationProblem;
import io.leakwatch.config.TargetMatcher;
import io.leakwatch.export.ProcessView;
import io.leakwatch.export.Views;
import io.leakwatch.export.json.InspectJson;
import io.leakwatch.export.text.InspectText;
import io.leakwatch.load.LoadTarget;
import io.leakwatch.proc.ProcFs;
import io.leakwatch.proc.identity.ProcessId;
import io.leakwatch.proc.identity.ProcessInfo;
import io.leakwatch.verdict.VerdictKind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever a process puts where a target's groups look for it: it gets a name that everybody can
 * show, an address, a reason why there is none or a search for one, and nobody throws.
 */
class HostileGroupsTest {
  private static final int TEXTS = 2_000;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:@+-]{1,124}");
  private static final Pattern HARMFUL =
      Pattern.compile("[\\p{Cc}&&[^\\n]]|[\\u202a-\\u202e\\u2066-\\u2069]|\\x{fffe}");

  /** What has hurt somebody somewhere: of numbers, addresses, markup, templates, terminals. */
  private static final List<String> SHARP =
      List.of(
          "",
          " ",
          "0",
          "-1",
          "65536",
          "99999999999",
          "1e9",
          "0x50",
          "٣",
          "NaN",
          "%s%n",
          "%00",
          "${port}",
          "${",
          "$1",
          "\\",
          "\\u0000",
          "\"",
          "'",
          "`id`",
          "$(id)",
          "<script>",
          "&lt;",
          "]]>",
          "{}",
          "[",
          ":",
          "::1",
          "[::1",
          "@",
          "user:pass@",
          "/",
          "//",
          "../..",
          "?",
          "#",
          "\n",
          "\r\n",
          "\t",
          "\0",
          "\u001b[31m",
          "\u009b31m",
          "\u202e",
          "\ufeff",
          "\ufffe",
          "\ud800",
          "\udc00",
          "\ud83d\ude00",
          "a\u0301",
          "127.0.0.1",
          "localhost",
          "http://",
          "=",
          ",",
          "*",
          "!",
          "~",
          "^",
          "é".repeat(300),
          "x".repeat(5_000));

  @TempDir Path directory;

  private static List<String> texts() {
    List<String> texts = new ArrayList<>(SHARP);
    SplittableRandom random = new SplittableRandom(16);
    while (texts.size() < TEXTS) {
      StringBuilder text = new StringBuilder();
      for (int parts = random.nextInt(1, 6); parts > 0; parts--) {
        text.append(
            random.nextInt(3) == 0
                ? Character.toString(random.nextInt(0xd800))
                : SHARP.get(random.nextInt(SHARP.size())));
      }
      texts.add(text.toString());
    }
    return texts;
  }

  /** Each group is taken from another place. */
  private TargetFinder finder(String url) throws IOException, ConfigurationProblem {
    Path file = directory.resolve("targets.conf");
    Files.writeString(
        file,
        """
        leakwatch.targets = [{
          name = "s-${argument}-${path}-${group}-${container}"
          exe = "(?s)/(?<path>.*)", comm = "(?s)(?<kernel>.*)"
          command-line = "(?s)--id=(?<argument>.*)", cgroup = "(?s)/(?<group>.*)"
          load { url = "%s" }
        }]
        """
            .formatted(url));
    return new TargetFinder(
        ProcFs.live(), new TargetMatcher(Configuration.load(file).targets()), false);
  }

  private static ProcessInfo process(String text) {
    return new ProcessInfo(
        new ProcessId(4711, 1, "boot", 2),
        new ProcessInfo.Program(text, List.of("server", "--id=" + text), "/" + text, false),
        new ProcessInfo.Place(List.of("/" + text), text, 7),
        Instant.EPOCH,
        0,
        false,
        false);
  }

  @Test
  void eachShouldGetANameAndNoAddressButAGoodOne() throws Exception {
    for (String url :
        List.of(
            "http://127.0.0.1:${argument}/metrics",
            "http://${argument}/metrics",
            "http://127.0.0.1:80/${argument}",
            "http://127.0.0.1:80/m?${kernel}",
            "http://127.0.0.1:1${argument}")) {
      TargetFinder finder = finder(url);
      for (String text : texts()) {
        TargetFinder.Found found =
            assertDoesNotThrow(() -> finder.match(process(text)), () -> shown(url, text))
                .orElseThrow();
        assertTrue(NAME.matcher(found.name()).matches(), found::name);
        LoadTarget load = found.load().orElseThrow();
        assertTrue(load.problem().isEmpty() || load.address().isEmpty(), () -> shown(url, text));
        if (load.address().isPresent()) {
          URI address = load.address().get();
          assertEquals("http", address.getScheme(), () -> shown(url, text));
          assertTrue(address.getPort() <= 65_535, () -> shown(url, text));
          assertTrue(address.getHost() != null, () -> shown(url, text));
        }
      }
    }
  }

  @Test
  void whoShowsItShouldShowItHarmless() throws Exception {
    TargetFinder finder = finder("http://127.0.0.1:80/${argument}");
    for (String text : texts()) {
      String name = finder.match(process(text)).orElseThrow().name();
      ProcessView view = Views.process(name, Severity.WARNING, VerdictKind.LEAK, "/" + text);
      JsonObject json = JsonParser.parseString(InspectJson.of(view)).getAsJsonObject();
      assertHarmless(json.get("command_line").getAsString());
      assertHarmless(json.get("exe").getAsString());
      assertHarmless(InspectText.of(view, false));
      assertHarmless(FiringAlerts.summary(view));
    }
  }

  private static void assertHarmless(String shown) {
    assertFalse(HARMFUL.matcher(shown).find(), shown);
  }

  private static String shown(String url, String text) {
    return url + " with `" + text + "`";
  }
}
