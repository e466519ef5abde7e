package io.leakwatch.export;

import java.util.function.Supplier;

/** The newest snapshot: the one reference through which the sampler speaks to everybody else. */
public final class LatestSnapshot implements Supplier<Snapshot> {
  private volatile Snapshot newest = Snapshot.EMPTY;

  @Override
  public Snapshot get() {
    return newest;
  }

  public void set(Snapshot snapshot) {
    newest = snapshot;
  }
}
