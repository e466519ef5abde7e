package io.leakwatch.simulation;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ten simulated months. A hundred: {@link SimulatedMonthBenchmark}. */
class SimulatedMonthTest {
  private static final int DAYS = Integer.getInteger("leakwatch.simulation.days", 30);

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void everyMinuteShouldKeepWhatTheAgentPromises(long seed, @TempDir Path directory)
      throws Exception {
    SimulatedMonth month = new SimulatedMonth(seed, DAYS, Files.createDirectories(directory));
    month.run();
    System.out.println(month.summary());
  }
}
