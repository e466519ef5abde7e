package io.leakwatch.inspection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.time.ManualTime;
import org.junit.jupiter.api.Test;

class BytePaceTest {

  @Test
  void shouldKeepAWalkToItsBytesASecond() {
    ManualTime time = new ManualTime();
    BytePace pace = new BytePace(100_000_000, time);
    for (int i = 0; i < 80; i++) {
      pace.read(250_000);
    }
    assertEquals(200_000_000, time.nanos(), 1_000_000, "nanoseconds for 20 MB");
  }
}
