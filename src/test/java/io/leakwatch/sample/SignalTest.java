package io.leakwatch.sample;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.leakwatch.region.kind.RegionKind;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SignalTest {
  @Test
  void aKindAndTheColumnOfItsBytesShouldHaveOneName() {
    for (RegionKind kind : RegionKind.values()) {
      assertEquals(
          Arrays.stream(Signal.values())
              .filter(signal -> signal.column().equals(kind.wireName() + "_bytes"))
              .findFirst(),
          Signal.of(kind),
          kind.wireName());
      Signal.of(kind).ifPresent(signal -> assertEquals(Optional.of(kind), signal.kind()));
    }
  }
}
