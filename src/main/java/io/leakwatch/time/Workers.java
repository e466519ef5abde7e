package io.leakwatch.time;

import java.util.function.LongSupplier;

/** Threads for work that must not keep the sampler from its round. */
public interface Workers {
  /**
   * A queue whose work begins in order, each piece on one of its threads; a thread without work
   * ends after a while.
   *
   * @param threads at most
   * @param waitingMax pieces that may wait for a thread
   */
  Queue queue(String name, int threads, int waitingMax);

  /**
   * Runs a step again and again, each time after the nanoseconds that the step before returned, or
   * sooner when woken.
   */
  Loop loop(String name, LongSupplier step);

  /** Work that waits for a thread. */
  interface Queue extends AutoCloseable {
    /** Adds a piece; false when too many wait, or it is closed. */
    boolean offer(Runnable work);

    /** Drops what waits and interrupts what is under way. */
    @Override
    void close();
  }

  /** A step that is run again and again. */
  interface Loop extends AutoCloseable {
    /** Has the next step run now. */
    void wake();

    /** Interrupts the step that is under way; none follows. */
    @Override
    void close();
  }
}
