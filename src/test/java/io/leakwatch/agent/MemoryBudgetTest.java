package io.leakwatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leakwatch.config.Configuration;
import io.leakwatch.harness.Tool;
import io.leakwatch.sample.LoadSeries;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the agent keeps of a process, and the heap that follows from it. */
class MemoryBudgetTest {

  @Test
  void whatIsKeptOfAProcessShouldFitIntoItsPartOfTheBudget() {
    Tool.Result measured =
        Tool.run(
            "",
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                KeptBytesProgram.class.getName()));
    assertEquals(0, measured.status(), measured::output);
    long[] bytes = measured.output().lines().mapToLong(Long::parseLong).toArray();
    long series = (bytes[1] - bytes[0]) / LoadSeries.PER_SAMPLE_MAX;
    assertTrue(bytes[0] <= MemoryBudget.JUDGEMENT_BYTES, bytes[0] + " bytes a judgement");
    assertTrue(series <= MemoryBudget.SERIES_BYTES, series + " bytes a figure of load");

    assertTrue(bytes[2] <= MemoryBudget.LOOKS_BYTES, bytes[2] + " bytes of walks");
  }

  @Test
  void theLaunchersHeapShouldHoldWhatTheDefaultsAllow() throws Exception {
    Matcher matcher =
        Pattern.compile("LEAKWATCH_HEAP:-(\\w+)}")
            .matcher(Files.readString(Path.of("deploy", "leakwatch.sh")));
    assertTrue(matcher.find());
    long heap =
        MemoryBudget.launchersHeapBytes(Map.of(MemoryBudget.VARIABLE, matcher.group(1)))
            .orElseThrow();
    Configuration defaults = Configuration.load(null);
    assertEquals(Optional.empty(), MemoryBudget.problem(defaults, heap));
    assertTrue(MemoryBudget.problem(defaults, heap / 2).isPresent());
  }

  @Test
  void shouldReadTheLaunchersSizesAndNothingElse() {
    for (Map.Entry<String, Long> size :
        Map.of("64m", 64L << 20, "2G", 2L << 30, "70000K", 70_000L << 10, "4096", 4096L)
            .entrySet()) {
      assertEquals(
          Optional.of(size.getValue()),
          MemoryBudget.launchersHeapBytes(Map.of(MemoryBudget.VARIABLE, size.getKey())));
    }
    for (String odd : List.of("", "m", "64 m", "-1", "64mb", "9".repeat(40))) {
      assertEquals(
          Optional.empty(), MemoryBudget.launchersHeapBytes(Map.of(MemoryBudget.VARIABLE, odd)));
    }
  }
}
