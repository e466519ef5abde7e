package io.leakwatch.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hundred simulated months, or as many as {@code -Dleakwatch.simulation.seeds=FROM:TO} says.
 *
 * <pre>mvn -o test -Dtest=SimulatedMonthBenchmark -Dtest.excludedGroups=none</pre>
 */
@Tag("benchmark")
@Timeout(value = 3, unit = TimeUnit.HOURS)
class SimulatedMonthBenchmark {

  @Test
  void everyMinuteOfAHundredMonths(@TempDir Path directory) throws Exception {
    String[] seeds = System.getProperty("leakwatch.simulation.seeds", "0:100").split(":", 2);
    List<String> failed =
        SimulatedMonths.run(
            LongStream.range(Long.parseLong(seeds[0]), Long.parseLong(seeds[1])), 30, directory);
    assertEquals(List.of(), failed);
  }
}
