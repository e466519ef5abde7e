package io.leakwatch.export.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.leakwatch.harness.Tool;
import io.leakwatch.text.Quantity;
import io.leakwatch.verdict.Verdict;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The page has its own copy of the rules by which figures are written. */
class QuantitiesTest {

  private static String rules() throws IOException {
    try (InputStream in = PageFiles.class.getResourceAsStream("quantities.js")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).replace("export const", "const");
    }
  }

  @Test
  void figuresShouldBeSpeltAsInTheRestOfTheProgram() throws IOException {
    assumeTrue(Tool.run("", List.of("sh", "-c", "command -v node")).status() == 0, "no node here");
    Random random = new Random(7);
    StringBuilder script = new StringBuilder(rules());
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 4000; i++) {
      double value = Math.pow(2, 80 * random.nextDouble() - 20) * (i % 3 == 0 ? -1 : 1);
      value = i % 4 == 0 ? Math.rint(value / 4096) * 4096 : i == 1 ? 0 : value;
      double share = i % 4 / 4.0 + i % 2 * random.nextDouble() / 50;
      script.append(
          "console.log(size(%s), rate(%s), duration(%s), when(%s), percent(%s));%n"
              .formatted(value, value, value, value, share));
      expected.append(
          "%s %s %s %s %s%n"
              .formatted(
                  Quantity.size(value),
                  Quantity.rate(value),
                  Quantity.duration(value),
                  Verdict.Exhaustion.when(value),
                  Quantity.percent(share)));
    }
    script.append("console.log(size(null), rate(undefined), when(null), percent(null));\n");
    expected.append("? ? not within 2 years ?\n");
    assertEquals(expected.toString(), Tool.run(script.toString(), List.of("node", "-")).output());
  }

  @Test
  void shouldForetellAsFarAsVerdictsDo() throws IOException {
    assertTrue(
        rules()
            .contains(
                "if (seconds >= %.0f) return \"not within %d years\""
                    .formatted(
                        Verdict.Exhaustion.FORECAST_SECONDS_MAX,
                        Verdict.Exhaustion.FORECAST_YEARS_MAX)));
  }
}
