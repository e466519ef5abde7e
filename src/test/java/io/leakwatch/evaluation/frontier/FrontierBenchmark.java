package io.leakwatch.evaluation.frontier;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.metarank.lightgbm4j.LGBMException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Writes {@link Frontier} where it is asked for: it takes minutes, and the learner's part changes
 * with the population and the figures only.
 */
@Tag("detection")
@EnabledIfSystemProperty(named = "leakwatch.frontier", matches = "true")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class FrontierBenchmark {
  @Test
  void measuresWhatALearnerReaches() throws IOException, LGBMException {
    String arguments = System.getProperty("leakwatch.frontier.arguments", "");
    Frontier.write(
        Frontier.Settings.of(
            Stream.of(arguments.split(" ", -1)).filter(a -> !a.isEmpty()).toArray(String[]::new)));
    assertTrue(Files.size(Path.of("target/detection/frontier.txt")) > 0);
  }
}
