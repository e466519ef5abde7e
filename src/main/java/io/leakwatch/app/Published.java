package io.leakwatch.app;

import io.leakwatch.export.Snapshot;
import java.util.function.Supplier;

/** The newest snapshot: the one reference through which the sampler speaks to everybody else. */
final class Published implements Supplier<Snapshot> {
  private volatile Snapshot newest = Snapshot.EMPTY;

  @Override
  public Snapshot get() {
    return newest;
  }

  void set(Snapshot snapshot) {
    newest = snapshot;
  }
}
