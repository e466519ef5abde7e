package io.leakwatch.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Six simulated months. {@link SimulatedMonthBenchmark} runs as many as one likes. */
class SimulatedMonthTest {

  @Test
  void everyMinuteShouldKeepWhatTheAgentPromises(@TempDir Path directory) throws Exception {
    List<String> failed = SimulatedMonths.run(LongStream.range(0, 4), 30, directory);
    assertEquals(List.of(), failed);
  }
}
