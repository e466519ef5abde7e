package io.leakwatch.inspection;

import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BytePaceTest {

  @Test
  void shouldKeepAWalkToItsBytesASecond() {
    long begin = System.nanoTime();
    BytePace pace = new BytePace(100_000_000, begin);
    for (int i = 0; i < 80; i++) {
      pace.read(250_000);
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    assertTrue(seconds > 0.2 - 0.001, () -> "20 MB in " + seconds + " s");
  }
}
